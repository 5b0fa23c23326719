//! Who is calling.

use contracts::{Role, Roles, SessionId, Tier, TokenId, UserId};
use jiff::Timestamp;

use crate::verifier::SKEW;
use crate::{Claims, RECENT, ServiceClaims};

/// What stands in `amr` where more than one factor was shown (RFC 8176).
pub const SECOND_FACTOR: &str = "mfa";

/// Who is calling, as a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub user: UserId,
    /// Its session.
    pub session: SessionId,
    /// The token.
    pub token: TokenId,
    /// What the account may do.
    pub roles: Roles,
    /// What it pays for.
    pub tier: Tier,
    /// Whether its address is proven.
    pub email_verified: bool,
    /// When it last proved itself.
    pub auth_time: Timestamp,
    /// By what: `pwd`, `otp`, `mfa`.
    pub amr: Vec<String>,
    /// When the token was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// Which service is calling, as a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceIdentity {
    /// Its name.
    pub service: String,
    /// The service that the token is for.
    pub audience: String,
    /// What it allows.
    pub scope: String,
    /// The token.
    pub token: TokenId,
    /// When the token was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl ServiceIdentity {
    /// What the claims say, if they are for one service and their dates are dates.
    pub(crate) fn of(claims: ServiceClaims) -> Option<Self> {
        let [audience] = <[String; 1]>::try_from(claims.aud).ok()?;
        Some(Self {
            service: claims.sub,
            audience,
            scope: claims.scope,
            token: claims.jti,
            issued_at: Timestamp::from_second(claims.iat).ok()?,
            expires_at: Timestamp::from_second(claims.exp).ok()?,
        })
    }
}

impl Identity {
    /// Whether this account may do everything.
    pub fn is_admin(&self) -> bool {
        self.roles.has(Role::Admin)
    }

    /// Whether it proved itself by more than one factor.
    pub fn has_second_factor(&self) -> bool {
        self.amr.iter().any(|method| method == SECOND_FACTOR)
    }

    /// Whether it proved itself a moment ago, at `now`.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        (-SKEW..RECENT).contains(&now.duration_since(self.auth_time))
    }

    /// What the claims say, if their dates are dates.
    pub(crate) fn of(claims: Claims) -> Option<Self> {
        Some(Self {
            user: claims.sub,
            session: claims.sid,
            token: claims.jti,
            roles: claims.roles,
            tier: claims.tier,
            email_verified: claims.email_verified,
            auth_time: Timestamp::from_second(claims.auth_time).ok()?,
            amr: claims.amr,
            issued_at: Timestamp::from_second(claims.iat).ok()?,
            expires_at: Timestamp::from_second(claims.exp).ok()?,
        })
    }
}
