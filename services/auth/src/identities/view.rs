//! How identities read.

use contracts::IdentityId;
use db::Ts;
use serde::Serialize;
use utoipa::ToSchema;

use super::row::IdentityRow;
use crate::providers::Providers;

/// What the caller's account is known by at a provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityView {
    /// Its id.
    pub id: IdentityId,
    /// The provider's name in our paths.
    #[schema(example = "google")]
    pub provider: String,
    /// What people call it.
    #[schema(example = "Google")]
    pub provider_name: String,
    /// The address there.
    pub email: Option<String>,
    /// When it was attached.
    pub created_at: Ts,
    /// When it last opened the account.
    pub last_used_at: Ts,
}

impl IdentityView {
    /// As its owner sees it.
    pub fn of(row: IdentityRow, providers: &Providers) -> Self {
        Self {
            provider_name: providers.title(&row.provider).to_owned(),
            id: row.id,
            provider: row.provider,
            email: row.email,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}
