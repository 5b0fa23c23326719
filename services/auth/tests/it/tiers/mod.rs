//! Tiers.

mod grant;
mod rules;
