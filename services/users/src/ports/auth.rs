//! auth, the owner of usernames.

use outbound::{Error, Peer};
use serde_json::json;
use url::Url;

/// Auth, as a caller with a token reaches it.
#[derive(Clone)]
pub struct Auth(Peer);

impl Auth {
    /// Auth at `base`.
    pub fn at(base: Url) -> Self {
        Self(Peer::new("auth", base))
    }

    /// Claims `username` for the account of `token`. Claiming the one it has already changes nothing.
    pub async fn claim(&self, token: &str, username: &str) -> Result<(), Error> {
        self.0.put("/api/v1/auth/username").bearer(token).json(&json!({ "username": username })).send().await
    }
}
