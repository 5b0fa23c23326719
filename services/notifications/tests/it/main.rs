//! The notifications service, tested whole: the real server on a database of its own, and a real mail server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod access;
mod config;
mod document;
mod migrations;
mod support;

mod deliveries {
    mod list;
    mod rules;
}

mod events {
    mod contact_changed;
    mod email_verified;
    mod erasure_requested;
    mod export_requested;
    mod mail_send;
    mod profile_updated;
    mod user_registered;
}

mod jobs {
    mod prune;
    mod send;
}

mod mail {
    mod letter;
    mod templates;
}

mod ports {
    mod mailer;
}
