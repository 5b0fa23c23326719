//! What a verifier has to be told.

use settings::Reader;
use url::Url;

/// Whose tokens are accepted, and where that issuer's internal port is.
#[derive(Clone, Debug)]
pub struct Config {
    /// `AUTH_ISSUER`: the `iss` of every token.
    pub issuer: String,
    /// `AUTH_INTERNAL_URL`: where the key set and the revocations are read.
    pub auth_internal_url: Url,
}

impl Config {
    /// Reads it.
    pub fn read(env: &mut Reader) -> Self {
        Self { issuer: env.required("AUTH_ISSUER"), auth_internal_url: env.required("AUTH_INTERNAL_URL") }
    }
}
