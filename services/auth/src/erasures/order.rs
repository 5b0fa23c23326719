//! An erasure is asked for: nobody enters from now on, and the owner is told.

use contracts::acts::{ReasonCode, UserDeactivated};
use contracts::{ErasureId, UserId};
use db::{Ts, Tx};
use problem::Problem;

use super::row::ErasureRow;
use super::rules::{DEADLINE, Stage};
use super::{mails, own, queries};
use crate::accounts::row::UserRow;
use crate::administration;
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::secrets::Token;
use crate::sessions::{self, EndReason, Visitor, Which};
use crate::state::State;
use crate::{codes, exports};

/// What was begun.
pub struct Requested {
    /// The erasure.
    pub id: ErasureId,
    /// What its owner follows it by, and takes it back while the grace runs.
    pub token: Token,
    /// What was revoked; this process's verifier is to be told once it is committed.
    pub ended: Ended,
}

/// Asks for the erasure of an account, which is locked; `by` is the administrator, or nobody: its owner. Refused for the
/// last administrator (the transaction began with `administration::one_at_a_time`), and where it was asked for before.
pub async fn request(
    tx: &mut Tx,
    state: &State,
    user: &UserRow,
    by: Option<UserId>,
    visitor: &Visitor,
) -> Result<Requested, Problem> {
    administration::spare_the_last(tx, user).await?;
    let (token, now) = (Token::random()?, tx.now());
    let erasure = row(state, user, by, &token, now)?;
    if !queries::insert(tx, &erasure).await? {
        return Err(Problem::new(&codes::ERASURE_STARTED));
    }
    queries::close_account(tx, user.id, now).await?;
    exports::forget(tx, user.id).await?;
    let reason_code = if by.is_some() { ReasonCode::Other } else { ReasonCode::Request };
    outbox::emit(tx, &UserDeactivated { user_id: user.id, by, reason_code }).await?;
    history::note(tx, Kind::ErasureRequested, Some(user.id), None, visitor).await?;
    mails::requested(tx, state, &erasure, &user.email, &token).await?;
    let ended = sessions::end(tx, user.id, Which::All, EndReason::Revoked).await?;
    if erasure.grace_until <= erasure.requested_at {
        own::release(tx, &state.secrets, user, &erasure.pseudonym).await?;
    }
    Ok(Requested { id: erasure.id, token, ended })
}

fn row(
    state: &State,
    user: &UserRow,
    by: Option<UserId>,
    token: &Token,
    now: jiff::Timestamp,
) -> Result<ErasureRow, Problem> {
    let id = ErasureId::at(now);
    Ok(ErasureRow {
        id,
        user_id: user.id,
        state: Stage::Requested.name().into(),
        receipt_hash: token.digest(),
        pseudonym: format!("erased:{}", state.secrets.track(&user.id.to_string())),
        sealed_address: Some(state.secrets.seal(&ErasureRow::seal_of(id), user.email.as_bytes())?),
        is_told: user.is_verified,
        was_active: user.is_active,
        locale: user.language().tag().into(),
        requested_by: by,
        requested_at: Ts(now),
        grace_until: Ts(now + state.erasure_grace),
        deadline: Ts(now + DEADLINE),
        begun_at: None,
        stalled_at: None,
        alarmed_at: None,
        completed_at: None,
        cancelled_at: None,
        farewell_id: None,
    })
}
