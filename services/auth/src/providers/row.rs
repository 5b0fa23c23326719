//! The rows of codes.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;

use super::rules::Code;
use crate::schema::exchange_codes;

/// A code that an application exchanges for a session.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = exchange_codes)]
pub struct CodeRow {
    /// Its digest.
    pub code_hash: Vec<u8>,
    /// The account that it opens.
    pub user_id: UserId,
    /// What its verifier makes.
    pub code_challenge: String,
    /// When it was made.
    pub created_at: Ts,
    /// When it stops working.
    pub expires_at: Ts,
    /// When it was shown.
    pub used_at: Option<Ts>,
}

impl CodeRow {
    /// What there is to decide about.
    pub fn shown(&self) -> Code<'_> {
        Code { challenge: &self.code_challenge, expires_at: self.expires_at.0, used: self.used_at.is_some() }
    }
}
