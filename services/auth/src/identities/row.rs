//! The rows of identities.

use contracts::{IdentityId, UserId};
use db::Ts;
use diesel::prelude::*;

use crate::providers::rules::Code;
use crate::schema::{identities, identity_codes, identity_requests};

/// What an account is known by at a provider.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = identities)]
pub struct IdentityRow {
    /// Its id.
    pub id: IdentityId,
    /// The account.
    pub user_id: UserId,
    /// What configuration called the provider.
    pub provider: String,
    /// The provider's own address.
    pub issuer: String,
    /// Known by this there, for ever.
    pub subject: String,
    /// The address there, when it was last used.
    pub email: Option<String>,
    /// When it was attached.
    pub created_at: Ts,
    /// When it last opened the account.
    pub last_used_at: Ts,
}

/// An identity that a mailed link attaches.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = identity_requests)]
pub struct RequestRow {
    /// The digest of the link's secret.
    pub token_hash: Vec<u8>,
    /// What configuration calls the provider.
    pub provider: String,
    /// The provider's own address.
    pub issuer: String,
    /// Known by this there.
    pub subject: String,
    /// The digest of what the browser keeps that asked for it.
    pub browser_hash: Vec<u8>,
}

/// An identity that waits under a code for the owner of an account.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = identity_codes)]
pub struct HeldRow {
    /// The digest of the code.
    pub code_hash: Vec<u8>,
    /// The account that it is for.
    pub user_id: UserId,
    /// What its verifier makes.
    pub code_challenge: String,
    /// What configuration calls the provider.
    pub provider: String,
    /// The provider's own address.
    pub issuer: String,
    /// Known by this there.
    pub subject: String,
    /// The address there.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: Ts,
    /// When it stops working.
    pub expires_at: Ts,
    /// When it was shown.
    pub used_at: Option<Ts>,
}

impl HeldRow {
    /// What there is to decide about.
    pub fn shown(&self) -> Code<'_> {
        Code { challenge: &self.code_challenge, expires_at: self.expires_at.0, used: self.used_at.is_some() }
    }
}
