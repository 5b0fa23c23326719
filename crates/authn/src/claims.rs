//! What an access token says; auth writes it, every verifier reads it.

use contracts::{Roles, SessionId, Tier, TokenId, UserId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The `typ` of an access token (RFC 9068).
pub const TOKEN_TYPE: &str = "at+jwt";
/// The one audience.
pub const AUDIENCE: &str = "fleet";
/// How long an access token lives; a token that claims longer is refused.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The `typ` of a service token.
pub const SERVICE_TOKEN_TYPE: &str = "svc+jwt";
/// How long a service token lives; a token that claims longer is refused.
pub const SERVICE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// The claims of a service token: one service says to another who it is. It stands for nobody's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClaims {
    /// Who issued it.
    pub iss: String,
    /// The service.
    pub sub: String,
    /// The one service it is for.
    pub aud: Vec<String>,
    /// When it was issued, in seconds.
    pub iat: i64,
    /// When it expires, in seconds.
    pub exp: i64,
    /// Its own id.
    pub jti: TokenId,
    /// The service again, as the client that it was issued to.
    pub client_id: String,
    /// What it allows.
    pub scope: String,
}

/// The claims of an access token. Every one is there, and none is of another type: a date is a whole number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// The account.
    pub sub: UserId,
    /// For whom: [`AUDIENCE`].
    pub aud: Vec<String>,
    /// When it was issued, in seconds.
    pub iat: i64,
    /// When it expires, in seconds.
    pub exp: i64,
    /// Not before this second, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Its own id.
    pub jti: TokenId,
    /// The session it belongs to.
    pub sid: SessionId,
    /// The client it was issued to.
    pub client_id: String,
    /// What it allows.
    pub scope: String,
    /// The roles of the account.
    pub roles: Roles,
    /// Its tier.
    pub tier: Tier,
    /// Whether its address is proven.
    pub email_verified: bool,
    /// When the account last proved itself, in seconds.
    pub auth_time: i64,
    /// By what (RFC 8176): `pwd`, `otp`, `mfa`.
    pub amr: Vec<String>,
    /// Always `access`.
    #[serde(rename = "type")]
    pub kind: String,
}
