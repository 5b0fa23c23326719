//! What posts does, seen from outside: the real server on a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

mod access;
mod migrations;

mod comments;
mod events;
mod jobs;
mod likes;
mod posts;
