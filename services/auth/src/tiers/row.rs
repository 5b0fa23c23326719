//! The rows of tiers.

use contracts::{Tier, UserId};
use db::Ts;
use diesel::prelude::*;

use super::rules::{Kind, Source};
use crate::schema::tier_grants;

/// What an administrator gave.
#[derive(Clone, Debug, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = tier_grants, treat_none_as_null = true)]
pub struct GrantRow {
    /// To whom.
    pub user_id: UserId,
    /// What.
    pub tier: String,
    /// Until when; without an end where nothing is said.
    pub until: Option<Ts>,
    /// Who gave it; nobody from the command line.
    pub granted_by: Option<UserId>,
    /// When.
    pub granted_at: Ts,
}

impl GrantRow {
    /// PREMIUM for an account.
    pub fn premium(user: UserId, until: Option<Ts>, by: Option<UserId>, now: Ts) -> Self {
        Self { user_id: user, tier: Tier::Premium.name().into(), until, granted_by: by, granted_at: now }
    }

    /// What it gives.
    pub fn source(&self) -> Source {
        Source { kind: Kind::Grant, until: self.until.map(|until| until.0) }
    }
}
