//! POST /auth/step-up: a fresh access token of this session, for who proves once more who he is.

use authn::SECOND_FACTOR;
use db::Tx;
use problem::{Problem, codes::TOKEN_REVOKED};
use serde::Deserialize;
use server::{Answer, Caller, Data, Json, answer, post};
use utoipa::ToSchema;

use super::issue::AccessView;
use super::prove;
use super::row::SessionRow;
use super::visitor::Visitor;
use crate::accounts::owner::{self, Asker};
use crate::accounts::row::UserRow;
use crate::devices::ShownDevice;
use crate::factors::proof::{self, METHOD, Proof};
use crate::history::{self, Kind};
use crate::state::State;
use crate::{accounts, codes, factors};

/// One of them: the code where the account has a second factor, else the password.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "code": "123456" }))]
pub struct StepUp {
    /// The current password.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
    /// What the app shows now; or else a recovery code.
    #[schema(max_length = 40)]
    #[garde(length(chars, max = 40))]
    code: Option<String>,
}

/// For what is not done on a token alone: the session goes on as if it had been opened now. An account with a second
/// factor has to show that; a password alone is answered 401 `step_up_required`, with what will do in `methods`.
#[utoipa::path(tag = "auth", operation_id = "step_up", security(("bearer" = [])))]
#[post("/auth/step-up")]
pub async fn step_up(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<StepUp>,
) -> Answer<AccessView> {
    let known = &owner::account(&state, who.id).await?.user;
    let (user, session) = (who.id, Some(who.identity.session));
    let code = body.code.as_deref().unwrap_or_default();
    let proof = &Proof { state: &state, user, session, code, visitor: &visitor, shown: &shown };
    let by_code = first_look(proof, &who, known, &body).await?;
    let renewal = &Renewal { proof, who: &who, known, by_code };
    let _turn = state.turns.of(&user).await;
    let renewed = state.db.tx(async |tx: &mut Tx| renewal.write(tx).await).await?;
    let (session, user) = renewed.ok_or_else(proof::wrong)?;
    answer(AccessView::of(&session, &user, &state, state.clock.now())?)
}

/// Whether a code is to be looked at; a password was right.
async fn first_look(proof: &Proof<'_>, who: &Caller, known: &UserRow, body: &StepUp) -> Result<bool, Problem> {
    let has = owner::factors(proof.state, known.id).await?;
    match (&body.code, &body.password) {
        (Some(_), _) if has.any() => proof.allowed().await.map(|()| true),
        (None, Some(password)) if !has.any() => {
            let asker = &Asker { who, visitor: proof.visitor, shown: proof.shown };
            owner::by_password(proof.state, asker, known, password).await.map(|()| false)
        }
        _ => Err(codes::step_up(&has.step_up_methods())),
    }
}

struct Renewal<'a> {
    proof: &'a Proof<'a>,
    who: &'a Caller,
    /// The account whose password was checked.
    known: &'a UserRow,
    by_code: bool,
}

impl Renewal<'_> {
    /// Nothing, where the code is wrong.
    async fn write(&self, tx: &mut Tx) -> Result<Option<(SessionRow, UserRow)>, Problem> {
        let (proof, session) = (self.proof, self.who.identity.session);
        let gone = || codes::unauthorized(&TOKEN_REVOKED);
        let same = accounts::locked(tx, self.known.id).await?;
        let same = same.filter(|user| user.is_active && user.password_hash == self.known.password_hash);
        let user = same.ok_or_else(gone)?;
        let has = factors::of(tx, user.id).await?;
        if has.any() != self.by_code {
            return Err(codes::step_up(&has.step_up_methods()));
        }
        if self.by_code && !proof.holds(tx).await? {
            return Ok(None);
        }
        let shown: &[&str] = if self.by_code { &[METHOD, SECOND_FACTOR] } else { &["pwd"] };
        let proven = prove(tx, user.id, session, shown).await?.ok_or_else(gone)?;
        history::note(tx, Kind::SteppedUp, Some(user.id), Some(session), proof.visitor).await?;
        Ok(Some((proven, user)))
    }
}
