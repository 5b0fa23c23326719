//! Passkeys (WebAuthn): an owner proves himself by a key on his device, alone, after a password, or once more.
//!
//! What a browser is asked is kept here and judged here, once; a passkey works for our own pages alone, and its counter
//! only grows. Each can be found without a name, so that any may be the only way in. Whoever locks an account and a
//! passkey locks the account first. Start with [`options`] and [`register`], then [`assertion::Assertion`].

pub mod factor;
pub mod factor_options;
pub mod list;
pub mod login;
pub mod login_options;
pub mod options;
pub mod register;
pub mod remove;
pub mod rename;
pub mod step_up;
pub mod step_up_options;

pub mod assertion;
pub mod ceremonies;
pub mod forget;
pub mod queries;
pub mod relying_party;
pub mod row;
pub mod rules;
pub mod unproven;
pub mod view;

use contracts::UserId;
use db::Connection;
use jiff::Timestamp;
use problem::Problem;

use crate::codes;
use crate::state::State;
use relying_party::Asked;
pub use relying_party::RelyingParty;

/// How many passkeys an account has.
pub async fn count(conn: &mut Connection, user: UserId) -> db::Result<i64> {
    queries::count(conn, user).await
}

/// Deletes up to `most` of what browsers were asked and did not answer before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

/// Asks for one of the passkeys of an account.
async fn ask_owner(state: &State, user: UserId) -> Result<Asked, Problem> {
    let own = queries::of_user(&mut *state.db.conn().await?, user).await?;
    let known: Vec<Vec<u8>> = own.into_iter().map(|row| row.credential_id).collect();
    if known.is_empty() {
        return Err(Problem::new(&codes::NO_PASSKEY));
    }
    state.relying_party.ask_for(&known)
}
