//! POST /auth/mfa/totp/confirm: the app is on.

use authn::SECOND_FACTOR;
use contracts::UserId;
use contracts::auth::{MfaEnabled, SecondFactor};
use db::Tx;
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::{Deserialize, Serialize};
use server::{Answer, Caller, Data, Json, answer, post};
use utoipa::ToSchema;

use super::proof::{METHOD, Proof};
use super::row::TotpRow;
use super::rules::{self, Shown};
use super::{queries, recovery, shown_by};
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner;
use crate::accounts::row::UserRow;
use crate::codes;
use crate::devices::ShownDevice;
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::sessions::issue::AccessView;
use crate::sessions::row::SessionRow;
use crate::sessions::{self, EndReason, Visitor, Which};
use crate::state::State;

/// The code.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "123456" }))]
pub struct TotpConfirmation {
    /// What the app shows now.
    #[schema(max_length = 40)]
    #[garde(length(chars, max = 40))]
    code: String,
}

/// What is shown once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "recovery_codes": ["0123-4567-89AB-CDEF", "GHJK-MNPQ-RSTV-WXYZ"],
    "session": { "access_token": "eyJ…", "token_type": "bearer", "expires_in": 1800 },
}))]
pub struct ConfirmedView {
    /// Ten codes for who loses the app, each good once. They are not shown again.
    recovery_codes: Vec<String>,
    /// This session goes on, as one with a second factor.
    session: AccessView,
}

/// Turns the app on by a code of it: from now on a login asks for one. All other sessions end, since they were opened
/// without; this one goes on with the access token that is answered. Where a passkey was added since the secret was asked
/// for, it has to be shown first.
#[utoipa::path(tag = "auth", operation_id = "confirm_totp", security(("bearer" = [])))]
#[post("/auth/mfa/totp/confirm")]
pub async fn confirm(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<TotpConfirmation>,
) -> Answer<ConfirmedView> {
    let (user, session, code) = (who.id, who.identity.session, body.code.as_str());
    let proof = &Proof { state: &state, user, session: Some(session), code, visitor: &visitor, shown: &shown };
    proof.allowed().await?;
    let _turn = state.turns.of(&user).await;
    let on = state.db.tx(async |tx: &mut Tx| turn_on(tx, proof, &who).await).await?;
    let on = on.ok_or_else(codes::wrong_code_given)?;
    on.ended.tell(&state);
    let session = AccessView::of(&on.session, &on.user, &state, state.clock.now())?;
    answer(ConfirmedView { recovery_codes: on.recovery_codes, session })
}

/// What there is once it is on.
struct On {
    user: UserRow,
    session: SessionRow,
    ended: Ended,
    recovery_codes: Vec<String>,
}

/// Nothing, where the code is wrong.
async fn turn_on(tx: &mut Tx, proof: &Proof<'_>, who: &Caller) -> Result<Option<On>, Problem> {
    let (now, session) = (tx.now(), who.identity.session);
    let user = owner::locked(tx, who).await?;
    let app = wished(tx, user.id).await?;
    shown_by(tx, user.id, &who.identity).await?;
    let claim = proof.claim(tx).await?;
    let step = match rules::read(proof.code) {
        Some(Shown::Totp(code)) => proof.step(&app, &code, tx)?,
        _ => None,
    };
    proof.settle(tx, &claim, step.is_some()).await?;
    let Some(step) = step else { return Ok(None) };
    queries::confirm(tx, user.id, step, now).await?;
    let recovery_codes = recovery::renew(tx, &proof.state.secrets, user.id).await?;
    let ended = sessions::end(tx, user.id, Which::AllBut(session), EndReason::Credential).await?;
    let proven = sessions::prove(tx, user.id, session, &[METHOD, SECOND_FACTOR]).await?;
    let proven = proven.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
    outbox::emit(tx, &MfaEnabled { user_id: user.id, sid: session, method: SecondFactor::Totp }).await?;
    notices::mail(tx, Notice::MfaEnabled, &user, &user.email).await?;
    history::note(tx, Kind::MfaEnabled, Some(user.id), Some(session), proof.visitor).await?;
    Ok(Some(On { user, session: proven, ended, recovery_codes }))
}

/// The app that is to be turned on.
async fn wished(tx: &mut Tx, user: UserId) -> Result<TotpRow, Problem> {
    let now = tx.now();
    match queries::locked_totp(tx, user).await? {
        Some(app) if app.confirmed_at.is_some() => Err(Problem::new(&codes::TOTP_ENABLED)),
        Some(app) if rules::may_confirm(app.created_at.0, now) => Ok(app),
        _ => Err(Problem::new(&codes::NO_ENROLMENT)),
    }
}
