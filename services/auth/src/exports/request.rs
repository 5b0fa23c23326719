//! POST /auth/exports: somebody wants all that is held about him.

use contracts::{ExportId, SessionId};
use db::{Ts, Tx};
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::Deserialize;
use server::{Accepted, AnswerExt, Caller, Data, accepted, post};
use utoipa::ToSchema;

use super::row::ExportRow;
use super::rules::{self, Phase, Wish};
use super::view::BegunView;
use super::{ask, queries};
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner::{self, Asker};
use crate::accounts::row::UserRow;
use crate::devices::ShownDevice;
use crate::history::{self, Kind};
use crate::optional::OptionalJson;
use crate::sessions::Visitor;
use crate::state::State;
use crate::{accounts, codes, erasures};

/// The proof that the account is the caller's.
#[derive(Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "password": "sept-vaches-bleues" }))]
pub struct ExportRequest {
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
}

/// Begins to gather all that is held about the caller, once a day; asked again meanwhile it answers the same export. The
/// owner is mailed now, and when it can be downloaded.
#[utoipa::path(tag = "auth", operation_id = "request_export", security(("bearer" = [])), request_body = Option<ExportRequest>)]
#[post("/auth/exports")]
pub async fn request(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: OptionalJson<ExportRequest>,
) -> Accepted<BegunView> {
    let password = body.0.unwrap_or_default().password;
    let known = owner::account(&state, who.id).await?.user;
    let asker = &Asker { who: &who, visitor: &visitor, shown: &shown };
    owner::again(&state, asker, &known, password.as_deref()).await?;
    let export = begin(&state, &known, who.identity.session, &visitor).await?;
    accepted(BegunView::from(&export)).header("location", format_args!("/api/v1/auth/exports/{}", export.id))
}

/// A new export for `known`, who has shown that the account is his; or the one that is being prepared.
pub async fn begin(
    state: &State,
    known: &UserRow,
    session: SessionId,
    visitor: &Visitor,
) -> Result<ExportRow, Problem> {
    let asked = &Asked { known, session, visitor };
    let _turn = state.turns.of(&known.id).await;
    state.db.tx(async |tx: &mut Tx| asked.write(tx).await).await
}

/// All that a request writes.
struct Asked<'a> {
    /// The account, as it was when its owner showed that it is his.
    known: &'a UserRow,
    session: SessionId,
    visitor: &'a Visitor,
}

impl Asked<'_> {
    /// The account is locked, so that of many at once one begins an export and the others find it.
    async fn write(&self, tx: &mut Tx) -> Result<ExportRow, Problem> {
        let same = accounts::locked(tx, self.known.id).await?;
        let same = same.filter(|user| user.is_active && user.password_hash == self.known.password_hash);
        let user = same.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?;
        let newest = queries::newest(tx, user.id).await?;
        let known = newest.as_ref().map(|export| (export.phase(), export.requested_at.0));
        match (rules::wish(known, tx.now()), newest) {
            (Wish::Same, Some(running)) => Ok(running),
            (Wish::TooSoon(left), _) => Err(codes::export_too_soon(left)),
            _ => self.begin(tx, &user).await,
        }
    }

    async fn begin(&self, tx: &mut Tx, user: &UserRow) -> Result<ExportRow, Problem> {
        let now = tx.now();
        let export = ExportRow {
            id: ExportId::at(now),
            user_id: user.id,
            state: Phase::Preparing.name().into(),
            asked: 1,
            next_at: Some(Ts(rules::next_look(now, 1))),
            requested_at: Ts(now),
            ready_at: None,
            expires_at: None,
        };
        let participants = erasures::participants(tx).await?;
        queries::insert(tx, &export, &participants).await?;
        ask(tx, &export, participants).await?;
        notices::mail(tx, Notice::ExportRequested, user, &user.email).await?;
        history::note(tx, Kind::ExportRequested, Some(user.id), Some(self.session), self.visitor).await?;
        Ok(export)
    }
}
