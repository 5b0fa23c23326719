//! POST /auth/identities/{provider}/confirm: the identity that a code was given for opens the caller's account.

use db::Tx;
use problem::{Code, Problem};
use serde::Deserialize;
use server::{Answer, Caller, Data, Json, Path, answer, post};
use utoipa::ToSchema;

use super::attaching::{Attachment, attached, owner_of};
use super::row::{HeldRow, IdentityRow};
use super::view::IdentityView;
use super::{Arrival, queries};
use crate::codes::providers::CODE_INVALID;
use crate::providers::journey::Owner;
use crate::providers::rules;
use crate::secrets::Token;
use crate::sessions::Visitor;
use crate::state::State;

/// The code, and the secret that its challenge was made from.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "code": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
}))]
pub struct IdentityClaim {
    /// What came in the query, as `link_code`.
    #[schema(min_length = 43, max_length = 43)]
    code: String,
    /// What `code_challenge` was the SHA-256 of.
    #[schema(min_length = 43, max_length = 128)]
    code_verifier: String,
}

/// Attaches the identity that a provider vouched for, once and within a minute, to the account that set out for it: the
/// caller's. Another account, or another secret than the right one, uses the code up.
#[utoipa::path(tag = "auth", operation_id = "claim_identity", security(("bearer" = [])),
    params(("id" = String, Path, description = "The provider's name.")))]
#[post("/auth/identities/{id}/confirm")]
pub async fn claim(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    provider: Path<String>,
    body: Json<IdentityClaim>,
) -> Answer<IdentityView> {
    state.providers.named(&provider)?;
    let owner = Owner { user: who.id, session: who.identity.session };
    let showing =
        Showing { state: &state, owner, provider: &provider, verifier: &body.code_verifier, visitor: &visitor };
    answer(showing.claim(&body.code).await?)
}

/// What came of it, once it is written.
enum Outcome {
    Attached(Box<IdentityRow>),
    /// The code is used up all the same.
    Refused(&'static Code),
}

/// Somebody who shows a code.
pub struct Showing<'a> {
    /// What everything is done with.
    pub state: &'a State,
    /// Who he is.
    pub owner: Owner,
    /// Where he says to have been.
    pub provider: &'a str,
    /// What he proves to be the same by.
    pub verifier: &'a str,
    /// From where he calls.
    pub visitor: &'a Visitor,
}

impl Showing<'_> {
    /// Attaches what this code was given for.
    pub async fn claim(&self, code: &str) -> Result<IdentityView, Problem> {
        let digest = Token::read(code).ok_or_else(|| Problem::new(&CODE_INVALID))?.digest();
        let digest = digest.as_slice();
        let _turn = self.state.turns.of(&digest).await;
        match self.state.db.tx(async |tx: &mut Tx| self.judge(tx, digest).await).await? {
            Outcome::Attached(row) => Ok(IdentityView::of(*row, &self.state.providers)),
            Outcome::Refused(code) => Err(Problem::new(code)),
        }
    }

    /// The caller's account is locked before the code. Whoever shows a code used it up, whatever comes of it.
    async fn judge(&self, tx: &mut Tx, digest: &[u8]) -> Result<Outcome, Problem> {
        let invalid = Ok(Outcome::Refused(&CODE_INVALID));
        let (user, now) = (owner_of(tx, self.owner).await?, tx.now());
        let Some(held) = queries::locked_held(tx, digest).await? else { return invalid };
        if held.used_at.is_none() {
            queries::use_held(tx, digest, now).await?;
        }
        let own = held.user_id == user.id && held.provider == self.provider;
        if !own || !rules::exchanges(&held.shown(), self.verifier, now) {
            return invalid;
        }
        let arrival = &of(held, user.language());
        let (session, visitor) = (Some(self.owner.session), self.visitor);
        let title = Some(self.state.providers.title(self.provider));
        let row = attached(tx, Attachment { arrival, user: &user, session, visitor, title }).await?;
        Ok(Outcome::Attached(Box::new(row)))
    }
}

/// Nothing that the provider only said is believed; its address is shown.
fn of(held: HeldRow, language: contracts::Language) -> Arrival {
    let HeldRow { provider, issuer, subject, email, .. } = held;
    Arrival { provider, issuer, subject, email, email_verified: false, full_name: None, picture: None, language }
}
