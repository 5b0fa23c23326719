//! The rows of sessions.

use contracts::{SessionId, UserId};
use db::Ts;
use diesel::prelude::*;

use super::rules::Shown;
use crate::schema::{refresh_tokens, sessions};

/// A session.
#[derive(Clone, HasQuery)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The client that it was opened by.
    pub client_id: String,
    /// The device.
    pub device: String,
    /// The network it was opened from.
    pub ip_prefix: Option<String>,
    /// What its owner proved himself by.
    pub amr: Vec<Option<String>>,
    /// What its refresh tokens are computed from.
    pub family_salt: Vec<u8>,
    /// When its owner proved himself.
    pub auth_time: Ts,
    /// When it was opened.
    pub created_at: Ts,
    /// When it was last refreshed.
    pub last_seen_at: Ts,
    /// When it ends at the latest.
    pub expires_at: Ts,
    /// When it was ended.
    pub ended_at: Option<Ts>,
    /// The network it was last refreshed from.
    pub seen_ip_prefix: Option<String>,
}

/// A session to be opened.
#[derive(Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSessionRow<'a> {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The client.
    pub client_id: &'a str,
    /// The device.
    pub device: &'a str,
    /// The network.
    pub ip_prefix: Option<&'a str>,
    /// What its owner proved himself by.
    pub amr: &'a [&'a str],
    /// What its refresh tokens are computed from.
    pub family_salt: &'a [u8],
    /// When it is opened.
    pub auth_time: Ts,
    /// The same.
    pub created_at: Ts,
    /// The same.
    pub last_seen_at: Ts,
    /// When it ends at the latest.
    pub expires_at: Ts,
}

/// A refresh token.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = refresh_tokens)]
pub struct RefreshRow {
    /// Its digest.
    pub token_hash: Vec<u8>,
    /// The session it carries on.
    pub session_id: SessionId,
    /// Its place in the session, from 0.
    pub counter: i32,
    /// When it was made.
    pub issued_at: Ts,
    /// When it stops working.
    pub expires_at: Ts,
    /// When it was used.
    pub used_at: Option<Ts>,
}

impl RefreshRow {
    /// What there is to decide about.
    pub fn shown(&self, session: &SessionRow) -> Shown {
        Shown {
            session_ended: session.ended_at.is_some(),
            session_expires_at: session.expires_at.0,
            expires_at: self.expires_at.0,
            used_at: self.used_at.map(|at| at.0),
        }
    }
}
