//! Which service asks: the one whose key signed the assertion (RFC 7521, RFC 7523), which is good once.

use super::denial::{Denial, INVALID_CLIENT, Refused};
use super::rules::{Assertion, proves};
use super::{api, queries};
use crate::state::State;

/// The only kind of assertion that we take.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The `typ` that an assertion should have, and the one that older libraries give it. No service signs anything else so.
const TYPES: [&str; 2] = ["client-authentication+jwt", "JWT"];

/// What a form brings to prove who asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Proof<'a> {
    /// Who it says to be; the assertion says it anyway.
    pub client_id: Option<&'a str>,
    /// Of which kind the assertion is.
    pub kind: Option<&'a str>,
    /// The assertion.
    pub assertion: Option<&'a str>,
}

impl Proof<'_> {
    /// Whether anything was brought. A public client names itself and proves nothing.
    pub fn is_tried(&self) -> bool {
        self.kind.is_some() || self.assertion.is_some()
    }

    /// Which service asks. This uses the assertion up.
    pub async fn service(&self, state: &State) -> Result<String, Refused> {
        let (service, assertion) = self.signed(state)?;
        let auth = format!("{}/auth", api(state));
        let mut names = vec![state.issuer.to_string()];
        names.extend(["token", "introspect", "revoke"].map(|endpoint| format!("{auth}/{endpoint}")));
        let expires_at = proves(&assertion, &service, &names, state.clock.now()).ok_or(INVALID_CLIENT)?;
        if self.client_id.is_some_and(|id| id != service) {
            return Err(INVALID_CLIENT.into());
        }
        let mut conn = state.db.conn().await?;
        if !queries::use_up(&mut conn, &service, &assertion.jti, expires_at).await? {
            tracing::warn!(service, "an assertion came twice: somebody else may have it");
            return Err(INVALID_CLIENT.into());
        }
        Ok(service)
    }

    fn signed(&self, state: &State) -> Result<(String, Assertion), Denial> {
        let (Some(JWT_BEARER), Some(assertion)) = (self.kind, self.assertion) else { return Err(INVALID_CLIENT) };
        let signed = TYPES.iter().find_map(|typ| state.service_keys.verify(assertion, typ).ok());
        signed.ok_or(INVALID_CLIENT)
    }
}
