//! POST /auth/passkeys: the account has another passkey.

use authn::SECOND_FACTOR;
use contracts::auth::{MfaEnabled, SecondFactor};
use contracts::{EventId, UserId};
use db::{Ts, Tx};
use jiff::Timestamp;
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::Deserialize;
use serde_json::Value;
use server::{Caller, Created, Data, Json, created, post};
use utoipa::ToSchema;
use webauthn_rs::prelude::{Passkey, RegisterPublicKeyCredential};

use super::ceremonies::{self, Errand};
use super::queries;
use super::relying_party::written;
use super::row::PasskeyRow;
use super::rules::{self, MOST, Purpose};
use super::unproven::{Refused, Unproven, noted};
use super::view::AddedView;
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner;
use crate::accounts::row::UserRow;
use crate::history::{self, Kind};
use crate::revocations::Ended;
use crate::sessions::issue::AccessView;
use crate::sessions::row::SessionRow;
use crate::sessions::{self, EndReason, Visitor, Which};
use crate::state::State;
use crate::{codes, factors};

/// What it is called where neither its owner nor his browser says anything.
const NAMELESS: &str = "Passkey";

/// What the browser made.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "ticket": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "name": "Portable",
    "credential": super::view::made_example(),
}))]
pub struct NewPasskey {
    /// What came with the options.
    #[schema(min_length = 43, max_length = 43)]
    ticket: String,
    /// What to call it; else after the browser.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// The `toJSON()` of what `navigator.credentials.create` gave.
    #[schema(value_type = Object)]
    credential: RegisterPublicKeyCredential,
}

/// Gives the account of the caller another passkey, which a browser made as it was asked to. With the first one all
/// other sessions end, and a password alone does not open the account any more. The owner is mailed.
#[utoipa::path(tag = "auth", operation_id = "add_passkey", security(("bearer" = [])))]
#[post("/auth/passkeys")]
pub async fn register(state: Data<State>, who: Caller, visitor: Visitor, body: Json<NewPasskey>) -> Created<AddedView> {
    let named = body.name.as_deref().map(rules::name).transpose();
    let named = named.map_err(|unfit| codes::unfit(vec![("/name", unfit)]))?;
    let name = named.or_else(|| visitor.device.clone()).unwrap_or_else(|| NAMELESS.into());
    let addition = Addition { state: &state, who: &who, visitor: &visitor, body: &body, name };
    let _turn = state.turns.of(&who.id).await;
    match addition.enter().await {
        Ok(added) => created(added.view(&state)?),
        Err(unproven) => Err(noted(&state, &visitor, Some(who.identity.session), unproven).await.into()),
    }
}

struct Addition<'a> {
    state: &'a State,
    who: &'a Caller,
    visitor: &'a Visitor,
    body: &'a NewPasskey,
    name: String,
}

/// A passkey that the account has now.
struct Added {
    row: PasskeyRow,
    user: UserRow,
    /// With the first one: the session that goes on, and those that do not.
    turned_on: Option<(SessionRow, Ended)>,
}

impl Added {
    /// How it reads. This process's verifier is told what ended.
    fn view(self, state: &State) -> Result<AddedView, Problem> {
        let Self { row, user, turned_on } = self;
        let session = turned_on.map(|(session, ended)| {
            ended.tell(state);
            AccessView::of(&session, &user, state, state.clock.now())
        });
        Ok(AddedView::of(row, session.transpose()?))
    }
}

impl Addition<'_> {
    async fn enter(&self) -> Result<Added, Unproven> {
        let errand = Errand { purpose: Purpose::Register, user: Some(self.who.id) };
        let asked = ceremonies::take_now(self.state, &self.body.ticket, errand).await?;
        let asked = &asked;
        self.state.db.tx(async |tx: &mut Tx| self.write(tx, asked).await).await
    }

    /// The account is locked, so that it gets no more of them than it may have. It may have got a second factor since the
    /// ticket was asked for.
    async fn write(&self, tx: &mut Tx, asked: &Value) -> Result<Added, Unproven> {
        let (now, session) = (tx.now(), self.who.identity.session);
        let user = owner::locked(tx, self.who).await?;
        factors::shown_by(tx, user.id, &self.who.identity).await?;
        let before = queries::count(tx, user.id).await?;
        if before >= MOST {
            return Err(Problem::new(&codes::TOO_MANY_PASSKEYS).with("most", MOST).into());
        }
        let passkey = self.state.relying_party.accept(&self.body.credential, asked.clone(), user.id)?;
        let row = queries::insert(tx, &self.row(passkey, user.id, now)?).await?;
        let row = row.ok_or_else(|| Refused::passkey("known_already", Some(user.id)))?;
        let turned_on = if before == 0 { Some(self.turn_on(tx, user.id).await?) } else { None };
        notices::mail(tx, Notice::PasskeyAdded, &user, &user.email).await?;
        history::note(tx, Kind::PasskeyAdded, Some(user.id), Some(session), self.visitor).await?;
        Ok(Added { row, user, turned_on })
    }

    fn row(&self, passkey: Passkey, user: UserId, now: Timestamp) -> Result<PasskeyRow, Problem> {
        let credential = written(&passkey)?;
        Ok(PasskeyRow {
            id: EventId::at(now).0,
            user_id: user,
            credential_id: passkey.cred_id().clone(),
            backed_up: credential.pointer("/cred/backup_state").and_then(Value::as_bool).unwrap_or(false),
            credential,
            name: self.name.clone(),
            created_at: Ts(now),
            last_used_at: None,
        })
    }

    /// The other sessions were opened without one; this one goes on as if it had been opened with it.
    async fn turn_on(&self, tx: &mut Tx, user: UserId) -> Result<(SessionRow, Ended), Problem> {
        let session = self.who.identity.session;
        outbox::emit(tx, &MfaEnabled { user_id: user, sid: session, method: SecondFactor::Passkey }).await?;
        let ended = sessions::end(tx, user, Which::AllBut(session), EndReason::Credential).await?;
        let proven = sessions::prove(tx, user, session, &[SECOND_FACTOR]).await?;
        proven.map(|proven| (proven, ended)).ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))
    }
}
