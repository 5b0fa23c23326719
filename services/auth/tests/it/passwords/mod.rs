//! Passwords.

mod hasher;
mod rules;
mod scheme;
