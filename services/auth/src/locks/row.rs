//! The rows of locks.

use db::Ts;
use diesel::prelude::*;
use jiff::Timestamp;

use super::rules::Ladder;
use super::{ACCOUNT, EVERYWHERE};

/// What counts against a name from one origin.
#[derive(Clone, Debug, Queryable)]
pub struct TallyRow {
    /// The origin.
    pub origin: String,
    /// When it failed, the last time last.
    pub failed_at: Vec<Ts>,
}

impl TallyRow {
    /// How it is judged.
    pub fn ladder(&self) -> Ladder {
        match self.origin.as_str() {
            EVERYWHERE => Ladder::Everywhere,
            ACCOUNT => Ladder::Account,
            _ => Ladder::Origin,
        }
    }

    /// When it failed.
    pub fn times(&self) -> Vec<Timestamp> {
        self.failed_at.iter().map(|at| at.0).collect()
    }
}
