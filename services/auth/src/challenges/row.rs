//! The rows of challenges.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;

use crate::schema::mfa_challenges;

/// A login between the first factor and the second.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = mfa_challenges)]
pub struct ChallengeRow {
    /// The digest of its token.
    pub token_hash: Vec<u8>,
    /// Whom it lets in.
    pub user_id: UserId,
    /// The version of the account when the first factor was shown.
    pub account_version: i64,
    /// What was shown first.
    pub amr: Vec<Option<String>>,
    /// What the device is called.
    pub device_name: Option<String>,
    /// How often a second factor was tried.
    pub tries: i32,
    /// When it was posed.
    pub created_at: Ts,
    /// When it is over.
    pub expires_at: Ts,
    /// When it was used.
    pub used_at: Option<Ts>,
}
