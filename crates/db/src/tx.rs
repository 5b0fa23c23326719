//! Transactions.

use std::ops::{Deref, DerefMut};

use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use jiff::Timestamp;

use crate::{Conn, Connection, Db, Error};

/// A transaction under way. Lends its connection to queries; [`Db::tx`] begins and ends it.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    now: Timestamp,
    ended: bool,
}

impl Db {
    /// Runs `work` in a transaction: committed when it answers `Ok`, rolled back when it answers `Err` or is dropped.
    /// Never repeated. A statement that failed dooms it, even where `work` shrugs the failure off: there are no
    /// savepoints, so PostgreSQL would throw the rest away. Nothing in `work` waits for the network but its queries.
    pub async fn tx<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        let mut tx = Tx::begin(self.conn().await?, self.clock().now())?;
        match work(&mut tx).await {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                tx.roll_back();
                Err(error)
            }
        }
    }
}

impl Tx {
    /// The clock's time when it began.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sends `BEGIN` and does not wait: the answer is known to be yes, or the connection is lost and the statement
    /// that follows right behind it says so.
    fn begin(mut conn: Conn, now: Timestamp) -> Result<Self, Error> {
        send(&mut conn, "BEGIN")?;
        Ok(Self { conn, now, ended: false })
    }

    /// `COMMIT` in a transaction that failed answers as if all were well; an empty `SELECT` before it does not.
    async fn commit(&mut self) -> Result<(), Error> {
        let committed = self.conn.batch_execute("SELECT;COMMIT").await;
        match committed {
            Ok(()) => self.ended = true,
            // Whatever state it is in, it is not for the next caller.
            Err(_) => self.conn.abandon(),
        }
        Ok(committed?)
    }

    /// Sends `ROLLBACK` and does not wait: whoever has the connection next comes after it.
    fn roll_back(&mut self) {
        self.ended = send(&mut self.conn, "ROLLBACK").is_ok();
    }
}

/// Sends a statement without waiting for its answer.
fn send(conn: &mut Conn, statement: &str) -> Result<(), Error> {
    match conn.batch_execute(statement).now_or_never() {
        Some(Err(error)) => Err(error.into()),
        Some(Ok(())) | None => Ok(()),
    }
}

impl Deref for Tx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.conn
    }
}

impl Drop for Tx {
    /// Dropped at an await, with a statement perhaps still running: closing the connection is what frees its locks.
    fn drop(&mut self) {
        if !self.ended {
            self.conn.abandon();
        }
    }
}
