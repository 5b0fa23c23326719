//! The rows of second factors.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;

use crate::schema::{recovery_codes, totp_factors};

/// An app that makes codes.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = totp_factors)]
pub struct TotpRow {
    /// The account.
    pub user_id: UserId,
    /// What its codes are made of, sealed.
    pub sealed_secret: Vec<u8>,
    /// When it was asked for.
    pub created_at: Ts,
    /// When it was turned on.
    pub confirmed_at: Option<Ts>,
    /// The last step whose code was accepted.
    pub last_step: i64,
}

/// A recovery code.
#[derive(Clone, Insertable)]
#[diesel(table_name = recovery_codes)]
pub struct RecoveryRow {
    /// The account.
    pub user_id: UserId,
    /// Its keyed digest.
    pub code_hmac: String,
    /// When it was made.
    pub created_at: Ts,
}
