//! The rows of keys.

use db::Ts;
use diesel::prelude::*;
use serde_json::Value;

use super::rules::{Known, State};
use crate::schema::signing_keys;

/// A key.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct KeyRow {
    /// Its id.
    pub kid: String,
    /// What it signs with.
    pub algorithm: String,
    /// What it is.
    pub state: String,
    /// Its public half, as published.
    pub public_jwk: Value,
    /// Its private half, sealed under its id.
    pub sealed_private_key: Vec<u8>,
    /// When it was made.
    pub created_at: Ts,
    /// Since when it signs.
    pub activated_at: Option<Ts>,
    /// Since when it does not.
    pub retired_at: Option<Ts>,
}

impl KeyRow {
    /// What it is.
    pub fn state(&self) -> Option<State> {
        State::named(&self.state)
    }

    /// What matters about it where `algorithm` is wished for.
    pub fn known(&self, algorithm: &str) -> Option<Known<'_>> {
        Some(Known {
            kid: &self.kid,
            state: self.state()?,
            wished: self.algorithm == algorithm,
            created_at: self.created_at.0,
            activated_at: self.activated_at.map(|at| at.0),
            retired_at: self.retired_at.map(|at| at.0),
        })
    }
}
