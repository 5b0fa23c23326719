//! Second factors: an app that makes codes, and recovery codes for who lost it. Turned on and off by who shows both.
//!
//! A code is good once: of several who show the same at once one is let through. Whoever locks an account and a factor
//! locks the account first. Start with [`of`], then [`proof::Proof`].

pub mod confirm;
pub mod disable;
pub mod enrol;
pub mod renew_codes;
pub mod show;

pub mod proof;
pub mod queries;
pub mod recovery;
pub mod reset;
pub mod row;
pub mod rules;

use authn::Identity;
use clock::Clock;
use contracts::UserId;
use db::{Connection, Tx};
use jiff::Timestamp;
use problem::Problem;

use crate::accounts::row::UserRow;
use crate::revocations::Ended;
use crate::{accounts, codes, passkeys, sessions};

/// What an account can prove itself by, beside its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// An app that makes codes.
    pub totp: bool,
    /// Recovery codes that are left. They stand in for another factor, and are none by themselves.
    pub recovery_codes: i64,
    /// Passkeys.
    pub passkeys: i64,
}

impl Factors {
    /// Whether there is one.
    pub fn any(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// By what a second factor can be shown, for programs.
    pub fn methods(&self) -> Vec<&'static str> {
        let all = [
            ("totp", self.totp),
            ("recovery_code", self.any() && self.recovery_codes > 0),
            ("passkey", self.passkeys > 0),
        ];
        all.into_iter().filter(|(_, there)| *there).map(|(method, _)| method).collect()
    }

    /// By what the account can prove itself anew.
    pub fn step_up_methods(&self) -> Vec<&'static str> {
        if self.any() { self.methods() } else { vec!["password"] }
    }
}

/// The second factors of an account.
pub async fn of(conn: &mut Connection, user: UserId) -> db::Result<Factors> {
    let (totp, recovery_codes) = queries::of(conn, user).await?;
    Ok(Factors { totp, recovery_codes, passkeys: passkeys::count(conn, user).await? })
}

/// Fine for who showed a second factor, where the account has one. It is locked: what somebody was given for a token of
/// before, such as a ticket, is not worth more than that token.
pub async fn shown_by(tx: &mut Tx, user: UserId, identity: &Identity) -> Result<(), Problem> {
    let has = of(tx, user).await?;
    if !has.any() || identity.has_second_factor() { Ok(()) } else { Err(codes::step_up(&has.step_up_methods())) }
}

/// What follows when a factor was taken away: with the last one go the recovery codes, no session counts as opened with
/// two any more, and the tokens that say so are void. The account is locked.
pub async fn lost(tx: &mut Tx, clock: &Clock, user: &UserRow) -> db::Result<Ended> {
    if of(tx, user.id).await?.any() {
        return Ok(Ended::default());
    }
    queries::remove_codes(tx, user.id).await?;
    sessions::without_second_factor(tx, user.id).await?;
    accounts::void_tokens(tx, clock, user).await
}

/// Deletes up to `most` apps that were asked for before `before` and never turned on; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}
