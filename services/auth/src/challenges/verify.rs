//! POST /auth/mfa/verify: a session for the second factor, after the first.

use db::Tx;
use problem::Problem;
use serde::Deserialize;
use server::{Answer, Data, Json, post};
use utoipa::ToSchema;

use super::{locked, owner_of};
use crate::devices::ShownDevice;
use crate::factors::proof::{self, METHOD, Proof};
use crate::sessions::begin::Begun;
use crate::sessions::issue::TokensView;
use crate::sessions::visitor::Visitor;
use crate::state::State;

/// The challenge, and the code.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "mfa_token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "code": "123456" }))]
pub struct Verification {
    /// What the login answered.
    #[schema(min_length = 43, max_length = 43)]
    mfa_token: String,
    /// What the app shows now; or else a recovery code.
    #[schema(max_length = 40)]
    #[garde(length(chars, max = 40))]
    code: String,
}

/// Opens the session of a login that was answered `mfa_required`. A challenge is good for five minutes and five tries;
/// too many wrong codes for one account lock as wrong passwords do.
#[utoipa::path(tag = "auth", operation_id = "verify_second_factor", security(()))]
#[post("/auth/mfa/verify")]
pub async fn verify(
    state: Data<State>,
    visitor: Visitor,
    shown: ShownDevice,
    body: Json<Verification>,
) -> Answer<TokensView> {
    let (token, code) = (body.mfa_token.as_str(), body.code.as_str());
    let mut conn = state.db.conn().await?;
    let user = owner_of(&mut conn, token, state.clock.now()).await?;
    drop(conn);
    let proof = &Proof { state: &state, user, session: None, code, visitor: &visitor, shown: &shown };
    proof.allowed().await?;
    let _turn = state.turns.of(&user).await;
    let begun = state.db.tx(async |tx: &mut Tx| enter(tx, proof, token).await).await?;
    begun.ok_or_else(proof::wrong)?.answer(&state)
}

/// Nothing, where the code is wrong.
async fn enter(tx: &mut Tx, proof: &Proof<'_>, token: &str) -> Result<Option<Begun>, Problem> {
    let challenge = locked(tx, token).await?;
    if !proof.holds(tx).await? {
        return Ok(None);
    }
    challenge.complete(tx, proof.state, proof.visitor, proof.shown, &[METHOD]).await.map(Some)
}
