//! Challenges.

mod rules;
mod verify;
