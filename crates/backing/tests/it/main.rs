//! Servers started for real, and what is promised of them. Nothing here is skipped: a server that is not installed
//! fails its test.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod lives;
mod mongo;
mod postgres;
mod rabbitmq;
mod redis;
mod support;
