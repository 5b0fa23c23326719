//! A MongoDB-compatible server: `mongod` where there is one, else FerretDB on the plan's PostgreSQL.
//!
//! FerretDB keeps each collection as a table of a database of its own; `ferretdb` builds and prepares it, `mongod` is
//! the real thing, `wire` speaks the few bytes that either needs. Start with [`Mongo::start`].

mod ferretdb;
mod mongod;
pub(crate) mod wire;

use crate::running::{Running, server};
use crate::{Error, Plan, Progress, installed};

pub(crate) use ferretdb::is_built;

const NAME: &str = "MongoDB";

/// A running MongoDB or its stand-in.
#[derive(Debug)]
pub struct Mongo {
    running: Running,
    stands_in: bool,
}
server!(Mongo);

impl Mongo {
    /// Starts or adopts the server; answers when it accepts clients. Where FerretDB stands in, PostgreSQL may still be
    /// starting: it is waited for.
    ///
    /// # Errors
    /// When it is not installed, cannot be built, does not start, or (given from outside) does not answer.
    pub async fn start(plan: &Plan, progress: &dyn Progress) -> Result<Self, Error> {
        if let Some(url) = &plan.given.mongodb {
            return Ok(Self { running: Running::given(NAME, url, 27017).await?, stands_in: false });
        }
        match installed::mongod() {
            Some(program) => Ok(Self { running: mongod::start(plan, program, progress).await?, stands_in: false }),
            None => Ok(Self { running: ferretdb::start(plan, progress).await?, stands_in: true }),
        }
    }

    /// Whether FerretDB stands in for MongoDB: its times are not MongoDB's.
    #[must_use]
    pub fn stands_in(&self) -> bool {
        self.stands_in
    }

    /// Stops the server in order. One given from outside is left alone.
    ///
    /// # Errors
    /// When somebody else is starting or stopping it for too long.
    pub async fn stop(self) -> Result<(), Error> {
        self.running.stop().await
    }
}
