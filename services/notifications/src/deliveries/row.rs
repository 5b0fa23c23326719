//! The rows of this resource.

use std::collections::BTreeMap;

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::mail::Template;
use crate::schema::deliveries;

/// A mail as it is stored.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = deliveries)]
pub struct DeliveryRow {
    /// Its id.
    pub id: Uuid,
    /// What makes it one mail.
    pub dedup_key: String,
    /// The name of its template.
    pub template: String,
    /// The account it is for, if it is for one.
    pub user_id: Option<UserId>,
    /// Where to, if not to the account's contact. Emptied at the end.
    pub address: Option<String>,
    /// The address as administrators may see it.
    pub masked: Option<String>,
    /// The language that was wished for.
    pub locale: Option<String>,
    /// What the template shows. Emptied at the end.
    pub params: Value,
    /// `queued`, `sending`, `sent`, `failed` or `expired`.
    pub state: String,
    /// How often it was claimed.
    pub attempts: i32,
    /// When it is tried next.
    pub next_at: Ts,
    /// When it was claimed, while it is being sent.
    pub leased_at: Option<Ts>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it is of no use any more.
    pub expires_at: Ts,
    /// When it was wished for.
    pub created_at: Ts,
    /// When it was sent or given up.
    pub ended_at: Option<Ts>,
    /// The request that it began with.
    pub request_id: Option<String>,
}

/// A mail to be stored.
#[derive(Debug, Insertable)]
#[diesel(table_name = deliveries)]
pub struct NewDeliveryRow {
    /// Its id.
    pub id: Uuid,
    /// What makes it one mail.
    pub dedup_key: String,
    /// The name of its template.
    pub template: &'static str,
    /// The account it is for.
    pub user_id: Option<UserId>,
    /// Where to, if not to the account's contact.
    pub address: Option<String>,
    /// The address as administrators may see it.
    pub masked: Option<String>,
    /// The language that was wished for.
    pub locale: Option<&'static str>,
    /// What the template shows.
    pub params: Value,
    /// `queued`.
    pub state: &'static str,
    /// At once.
    pub next_at: Ts,
    /// When it is of no use any more.
    pub expires_at: Ts,
    /// Now.
    pub created_at: Ts,
    /// The request that it began with.
    pub request_id: Option<String>,
}

impl DeliveryRow {
    /// Its template, if it is still one of ours.
    pub fn template(&self) -> Option<Template> {
        Template::named(&self.template)
    }

    /// What the template shows.
    pub fn params(&self) -> BTreeMap<String, String> {
        serde_json::from_value(self.params.clone()).unwrap_or_default()
    }
}
