//! Revocations.

mod internal;
