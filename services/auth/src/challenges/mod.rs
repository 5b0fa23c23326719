//! Logins between the first factor and the second: a token that is good for five minutes, five tries and one session.
//!
//! A try is counted before what is shown is looked at, and a challenge of an account that was changed since lets nobody
//! in. Whoever locks an account and a challenge locks the account first. Start with [`pose`], then [`locked`].

pub mod verify;

pub mod queries;
pub mod row;
pub mod rules;

use authn::SECOND_FACTOR;
use contracts::UserId;
use db::{Connection, Ts, Tx};
use jiff::Timestamp;
use problem::Problem;

use crate::accounts::row::UserRow;
use crate::devices::ShownDevice;
use crate::factors::Factors;
use crate::secrets::Token;
use crate::sessions::begin::{Begun, Entry, begin};
use crate::sessions::rules::joined;
use crate::sessions::visitor::Visitor;
use crate::state::State;
use crate::{accounts, codes};
use row::ChallengeRow;
use rules::{Posed, WITHIN};

/// A login that waits for a second factor.
pub struct Challenged {
    token: Token,
    factors: Factors,
}

/// Poses a challenge to whoever proved himself by the first factor. The account is locked.
pub async fn pose(tx: &mut Tx, entry: &Entry<'_>, factors: Factors) -> Result<Challenged, Problem> {
    let (token, now) = (Token::random()?, tx.now());
    let challenge = ChallengeRow {
        token_hash: token.digest(),
        user_id: entry.account.user.id,
        account_version: entry.account.user.version,
        amr: entry.amr.iter().map(|method| Some((*method).to_owned())).collect(),
        device_name: entry.device_name.map(str::to_owned),
        tries: 0,
        created_at: Ts(now),
        expires_at: Ts(now + WITHIN),
        used_at: None,
    };
    queries::insert(tx, &challenge).await?;
    Ok(Challenged { token, factors })
}

/// Whom the challenge with this token lets in at `now`. Nothing is locked or counted.
pub async fn owner_of(conn: &mut Connection, token: &str, now: Timestamp) -> Result<UserId, Problem> {
    let digest = Token::read(token).ok_or_else(invalid)?.digest();
    let challenge = queries::find(conn, &digest).await?.ok_or_else(invalid)?;
    let account = accounts::whole(conn, challenge.user_id).await?.ok_or_else(invalid)?;
    if challenge.is_open(&account.user, now) { Ok(account.user.id) } else { Err(invalid()) }
}

/// The challenge with this token, with a try counted: so the transaction has to be committed whatever the try shows.
/// Its account is locked, then the challenge.
pub async fn locked(tx: &mut Tx, token: &str) -> Result<ChallengeRow, Problem> {
    let now = tx.now();
    let digest = Token::read(token).ok_or_else(invalid)?.digest();
    let seen = queries::find(tx, &digest).await?.ok_or_else(invalid)?;
    let account = accounts::locked(tx, seen.user_id).await?.ok_or_else(invalid)?;
    let challenge = queries::locked(tx, &digest).await?.ok_or_else(invalid)?;
    if !challenge.is_open(&account, now) {
        return Err(invalid());
    }
    queries::count_try(tx, &digest).await?;
    Ok(challenge)
}

/// Deletes up to `most` challenges that were over before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

impl ChallengeRow {
    /// Whether it lets anybody into its account, as that is now.
    fn is_open(&self, account: &UserRow, now: Timestamp) -> bool {
        let posed = Posed {
            at: self.created_at.0,
            used: self.used_at.is_some(),
            tries: self.tries,
            same_account: self.account_version == account.version,
        };
        account.is_active && rules::is_open(&posed, now)
    }

    /// Opens the session: a second factor was shown, by what `extra` names. The challenge is locked.
    pub async fn complete(
        self,
        tx: &mut Tx,
        state: &State,
        visitor: &Visitor,
        shown: &ShownDevice,
        extra: &[&str],
    ) -> Result<Begun, Problem> {
        let now = tx.now();
        queries::use_up(tx, &self.token_hash, now).await?;
        let account = accounts::whole(tx, self.user_id).await?.ok_or_else(invalid)?;
        let user = account.user.clone();
        let amr = joined(self.amr.iter().flatten().map(String::as_str), extra);
        let amr = joined(amr, &[SECOND_FACTOR]);
        let device_name = self.device_name.as_deref();
        let entry = Entry { account, visitor, shown, device_name, amr: &amr };
        let begun = begin(tx, &state.secrets, entry).await?;
        accounts::note_login(tx, &user, None).await?;
        Ok(begun)
    }
}

impl From<Challenged> for Problem {
    fn from(challenged: Challenged) -> Self {
        let Challenged { token, factors } = challenged;
        codes::mfa_required(&token.show(), WITHIN.as_secs(), &factors.methods())
    }
}

fn invalid() -> Problem {
    codes::unauthorized(&codes::MFA_INVALID)
}
