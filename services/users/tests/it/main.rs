//! The users service, tested whole: the real server on a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod access;
mod document;
mod migrations;
mod support;

mod profiles {
    mod get;
    mod read_mine;
    mod replace_mine;
    mod rules;
    mod update_mine;
    mod username;
}

mod events {
    mod contact_changed;
    mod erasure_requested;
    mod export_requested;
    mod user_registered;
}
