//! The skeleton-name service, tested whole: the real server on a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod access;
mod document;
mod support;

mod events {
    mod erasure_requested;
    mod export_requested;
}

mod entries {
    mod create;
    mod get;
    mod rules;
}
