//! Keys.

mod jwks;
mod metadata;
mod rotate;
mod rules;
