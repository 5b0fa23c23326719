//! The rows of revocations.

use contracts::{SessionId, TokenId, UserId};
use db::Ts;
use diesel::prelude::*;
use uuid::Uuid;

use crate::schema::revocations;

/// What is refused until when.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = revocations)]
pub struct RevocationRow {
    /// Its id.
    pub id: Uuid,
    /// The tokens of this session.
    pub session_id: Option<SessionId>,
    /// This token.
    pub token_id: Option<TokenId>,
    /// The tokens of this account that were issued before `not_before`.
    pub user_id: Option<UserId>,
    /// See `user_id`.
    pub not_before: Option<Ts>,
    /// When it was written.
    pub revoked_at: Ts,
    /// When the last token concerned has expired.
    pub expires_at: Ts,
}
