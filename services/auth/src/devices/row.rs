//! The rows of devices.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;

use crate::schema::known_devices;

/// A device that an account knows.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = known_devices)]
pub struct DeviceRow {
    /// The digest of its token.
    pub token_hash: Vec<u8>,
    /// The account.
    pub user_id: UserId,
    /// What it was called when it came first.
    pub device: String,
    /// When that was.
    pub created_at: Ts,
    /// When it last signed in.
    pub last_seen_at: Ts,
}
