//! The rows of passkeys.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{passkey_ceremonies, passkeys};

/// A passkey.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = passkeys)]
pub struct PasskeyRow {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// What browsers call it.
    pub credential_id: Vec<u8>,
    /// Its public half, its counter and its flags.
    pub credential: Value,
    /// What its owner calls it.
    pub name: String,
    /// Whether it is kept somewhere else as well.
    pub backed_up: bool,
    /// When it was made.
    pub created_at: Ts,
    /// When it was last shown.
    pub last_used_at: Option<Ts>,
}

/// A passkey that is being made or shown.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = passkey_ceremonies, treat_none_as_null = true)]
pub struct CeremonyRow {
    /// The digest of its ticket.
    pub ticket_hash: Vec<u8>,
    /// Whom it concerns, where that is known.
    pub user_id: Option<UserId>,
    /// What it is for.
    pub purpose: String,
    /// What the browser's answer is judged by.
    pub state: Value,
    /// When it began.
    pub created_at: Ts,
    /// When it is too late.
    pub expires_at: Ts,
    /// When it was answered.
    pub used_at: Option<Ts>,
}
