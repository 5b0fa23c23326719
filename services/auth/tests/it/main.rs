//! What auth does, seen from outside: the real server on a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

mod access;
mod config;
mod document;
mod migrations;
mod secrets;
mod stand_in;

mod accounts;
mod administration;
mod challenges;
mod devices;
mod erasures;
mod events;
mod exports;
mod factors;
mod history;
mod identities;
mod jobs;
mod keys;
mod locks;
mod passkeys;
mod passwords;
mod ports;
mod providers;
mod revocations;
mod sessions;
mod subscriptions;
mod tiers;
mod tokens;
