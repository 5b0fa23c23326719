//! POST /auth/passkeys/login: a session for a passkey alone.

use contracts::UserId;
use db::Tx;
use problem::Problem;
use serde::Deserialize;
use serde_json::Value;
use server::{Answer, Data, Json, post};
use utoipa::ToSchema;
use uuid::Uuid;
use webauthn_rs::prelude::PublicKeyCredential;

use super::assertion::{Assertion, Proven};
use super::ceremonies::{self, Errand};
use super::rules::Purpose;
use super::unproven::{Refused, Unproven, note_failed_login};
use crate::accounts::rules::line;
use crate::devices::ShownDevice;
use crate::sessions::Visitor;
use crate::sessions::admission::{Admission, admit};
use crate::sessions::begin::Entry;
use crate::sessions::issue::TokensView;
use crate::state::State;
use crate::{accounts, codes};

/// What the browser was shown.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "ticket": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "credential": super::view::shown_example(),
    "device_name": "Portable",
}))]
pub struct PasskeyLogin {
    /// What came with the options.
    #[schema(min_length = 43, max_length = 43)]
    ticket: String,
    /// The `toJSON()` of what `navigator.credentials.get` gave.
    #[schema(value_type = Object)]
    credential: PublicKeyCredential,
    /// What to call this device.
    #[schema(max_length = 100)]
    device_name: Option<String>,
}

/// Opens a session by a passkey alone, which is two factors at once: the device, and what it knows its owner by. Locks
/// against guessing do not hold for it, since it cannot be guessed.
#[utoipa::path(tag = "auth", operation_id = "log_in_by_passkey", security(()))]
#[post("/auth/passkeys/login")]
pub async fn login(
    state: Data<State>,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<PasskeyLogin>,
) -> Answer<TokensView> {
    let device = line(body.device_name.as_deref().unwrap_or_default());
    let device = device.map_err(|unfit| codes::unfit(vec![("/device_name", unfit)]))?;
    let attempt = Attempt { state: &state, visitor: &visitor, shown: &shown, body: &body, device };
    attempt.allowed().await?;
    match attempt.enter().await {
        Ok(admission) => admission.answer(&state),
        Err(Unproven::Refused(refused)) => Err(attempt.refuse(refused).await?.into()),
        Err(Unproven::Hindered(problem)) => Err(problem.into()),
    }
}

struct Attempt<'a> {
    state: &'a State,
    visitor: &'a Visitor,
    shown: &'a ShownDevice,
    body: &'a PasskeyLogin,
    device: Option<String>,
}

impl Attempt<'_> {
    /// So many a minute with one passkey from one address.
    async fn allowed(&self) -> Result<(), Problem> {
        let policy = &self.state.policies.login;
        let key = limits::Key::of(&(self.body.credential.get_credential_id(), self.visitor.counted()));
        let decision = self.state.limiter.check_shared(policy, key, 1).await;
        if decision.allowed { Ok(()) } else { Err(decision.problem(policy)) }
    }

    async fn enter(&self) -> Result<Admission, Unproven> {
        let errand = Errand { purpose: Purpose::Login, user: None };
        let asked = ceremonies::take_now(self.state, &self.body.ticket, errand).await?;
        let asked = &asked;
        let named = self.body.credential.get_user_unique_id().and_then(|id| Uuid::from_slice(id).ok()).map(UserId);
        let _turn = self.state.turns.of(&named).await;
        self.state.db.tx(async |tx: &mut Tx| self.open(tx, asked).await).await
    }

    async fn open(&self, tx: &mut Tx, asked: &Value) -> Result<Admission, Unproven> {
        let assertion = Assertion { credential: &self.body.credential, asked, owner: None };
        let Proven { user, amr } = assertion.prove(tx, &self.state.relying_party).await?;
        let refused = |code, why| Unproven::from(Refused { code, why, user: Some(user.id) });
        if !user.is_active {
            return Err(refused(&codes::ACCOUNT_DISABLED, "disabled"));
        }
        if !user.is_verified && self.state.require_verified_email {
            return Err(refused(&codes::EMAIL_NOT_VERIFIED, "not_verified"));
        }
        let account = accounts::whole(tx, user.id).await?;
        let account = account.ok_or_else(|| Refused::passkey("unknown_passkey", None))?;
        let (visitor, shown, device_name) = (self.visitor, self.shown, self.device.as_deref());
        let admission = admit(tx, self.state, Entry { account, visitor, shown, device_name, amr: &amr }).await?;
        accounts::note_login(tx, &user, None).await?;
        Ok(admission)
    }

    /// Notes the failure and tells it; answers how it is said.
    async fn refuse(&self, refused: Refused) -> Result<Problem, Problem> {
        let id = self.body.credential.get_credential_id();
        let noted =
            self.state.db.tx(async |tx: &mut Tx| note_failed_login(tx, self.state, self.visitor, &refused, id).await);
        noted.await?;
        Ok(refused.problem())
    }
}
