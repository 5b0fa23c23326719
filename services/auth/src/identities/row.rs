//! The rows of identities.

use contracts::{IdentityId, UserId};
use db::Ts;
use diesel::prelude::*;

use crate::schema::{identities, identity_requests};

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
