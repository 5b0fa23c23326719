//! The rows of the history.

use contracts::{SessionId, UserId};
use db::Ts;
use diesel::prelude::*;
use uuid::Uuid;

use crate::schema::security_events;

/// Something that happened.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = security_events)]
pub struct SecurityEventRow {
    /// Its id.
    pub id: Uuid,
    /// The account, where there is one.
    pub user_id: Option<UserId>,
    /// What.
    pub kind: String,
    /// The session it concerns.
    pub session_id: Option<SessionId>,
    /// Why.
    pub reason: Option<String>,
    /// By which device.
    pub device: Option<String>,
    /// From which network.
    pub ip_prefix: Option<String>,
    /// Whom somebody said to be.
    pub identifier_hmac: Option<String>,
    /// From where, exactly.
    pub ip_hmac: Option<String>,
    /// When.
    pub created_at: Ts,
}
