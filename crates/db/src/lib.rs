//! Pool, transaction, migrations, database errors, page cursors, idempotency keys.
//!
//! A query takes `&mut Connection`, which a pooled [`Conn`] and a [`Tx`] both lend; what must happen together happens
//! in [`Db::tx`]. Nothing here waits for long: a pool that is used up or a server that is away is [`Error::Busy`], and
//! the pool serves again as soon as the server does. Sole owner of the diesel pool. Start with [`Db`].

mod config;
mod connector;
mod error;
pub mod idempotency;
pub mod json;
mod migrate;
pub mod page;
mod pool;
mod sql;
mod ts;
mod tx;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use error::{ERASED, Error, OnConstraint, Result, Violation};
pub use migrate::{is_current, migrate, roll_back_all};
pub use pool::{Conn, Db};
pub use sql::{Sql, sql};
pub use ts::Ts;
pub use tx::Tx;

/// What queries are run on.
pub type Connection = diesel_async::AsyncPgConnection;
