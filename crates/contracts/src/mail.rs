//! The wish to send a mail: the one message that is a job, told by whoever has the facts, done by notifications.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::sample;
use crate::event::event;
use crate::{Language, UserId};

event! {
    /// Send this mail, once.
    "mail.send.v1", Private, Send { dedup_key } {
        /// The name of a template: `verify_email`, `welcome`, `reset_password`.
        pub template: String,
        /// The address, where it may not be the account's; else that of `user_id`.
        pub to: Option<String>,
        /// The account, whose address and language notifications knows.
        pub user_id: Option<UserId>,
        /// The language; else the account's.
        pub locale: Option<Language>,
        /// What the template shows.
        pub params: BTreeMap<String, String>,
        /// Two wishes with one key are one mail.
        pub dedup_key: String,
        /// After this it is of no use and is dropped.
        pub expires_at: Timestamp,
    } = {
        template: "verify_email".into(), to: Some("ada@example.org".into()), user_id: Some(sample::user()),
        locale: Some(Language::Fr), params: BTreeMap::from([("link".into(), "http://127.0.0.1:8080/verify".into())]),
        dedup_key: "verify_email:1".into(), expires_at: sample::time(),
    }
}
