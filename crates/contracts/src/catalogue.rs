//! Every event there is, for the tests and documents that go over all of them.

use serde_json::Value;
use utoipa::PartialSchema;

use crate::{Event, Exchange, acts, auth, export, gdpr, mail, notifications, posts, users};

/// One type of event.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its type.
    pub event_type: &'static str,
    /// The name of its struct.
    pub name: &'static str,
    /// Where it is published.
    pub exchange: Exchange,
    /// Its golden sample.
    pub sample: Value,
    /// Its JSON Schema.
    pub schema: Value,
}

impl Entry {
    pub(crate) fn of<E: Event + PartialSchema>() -> Self {
        let sample = serde_json::to_value(E::sample()).unwrap_or_default();
        let schema = serde_json::to_value(E::schema()).unwrap_or_default();
        let name = std::any::type_name::<E>().rsplit("::").next().unwrap_or_default();
        Self { event_type: E::TYPE, name, exchange: E::EXCHANGE, sample, schema }
    }
}

/// Every event, in the order of the files.
pub fn all() -> Vec<Entry> {
    let mut entries = Vec::new();
    for file in [auth::all, acts::all, users::all, posts::all, mail::all, notifications::all, gdpr::all, export::all] {
        file(&mut entries);
    }
    entries
}
