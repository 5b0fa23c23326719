//! One relay per database, awake or asleep.
//!
//! Both are advisory locks of the leader's own connection, so they end with it. While it sleeps it holds the second
//! one: a writer that finds it taken notifies, in its own transaction. A writer that gets its share of it finds the
//! relay awake, and by holding its share until its commit keeps the relay from lying down before: so no event is
//! overlooked, and under load no commit pays for a notification (its lock is one for all databases of the server, and
//! cost seven in eight commits of 32 writers).

use std::pin::pin;
use std::time::Duration;

use db::{Connection, Db, sql};
use diesel::sql_types::Bool;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, StreamExt};
use tokio::time::{sleep, timeout};

/// Nobody waits for this connection's answers as one waits for those of a request: a first look may have much to see.
const PREPARE: &str = "LISTEN outbox; SET statement_timeout = '30s'";
const LEAD: &str = "SELECT pg_try_advisory_lock(1869966946, 1)";
const LIE_DOWN: &str = "SELECT pg_try_advisory_lock(1869966946, 2)";
const WAKE: &str = "SELECT pg_advisory_unlock(1869966946, 2)";

/// The relay that publishes.
pub(super) struct Leader {
    conn: Connection,
    asleep: bool,
}

impl Leader {
    /// Leads as soon as nobody else does.
    pub async fn elected(db: &Db, every: Duration) -> db::Result<Self> {
        let mut leader = Self { conn: db.listener().await?, asleep: false };
        while !leader.ask(LEAD).await? {
            sleep(every).await;
        }
        leader.conn.batch_execute(PREPARE).await?;
        Ok(leader)
    }

    /// The connection that is the leader's; whatever happens on it happens while it leads.
    pub fn conn(&mut self) -> &mut Connection {
        &mut self.conn
    }

    pub fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Asks to be notified from now on; no, while a writer is under way that would not.
    pub async fn lie_down(&mut self) -> db::Result<bool> {
        self.asleep = self.ask(LIE_DOWN).await?;
        Ok(self.asleep)
    }

    /// No longer needs to be notified.
    pub async fn wake(&mut self) -> db::Result<()> {
        if self.asleep {
            self.ask(WAKE).await?;
            self.asleep = false;
        }
        Ok(())
    }

    /// Waits for a notification, or so long.
    pub async fn notified(&mut self, at_most: Duration) -> db::Result<()> {
        let mut notifications = pin!(self.conn.notifications_stream());
        match timeout(at_most, notifications.next()).await {
            Ok(None) => return Err(db::Error::Busy("the connection was lost".into())),
            Ok(Some(Err(error))) => return Err(error.into()),
            Ok(Some(Ok(_))) | Err(_) => {}
        }
        // One look answers all that were sent meanwhile.
        while notifications.next().now_or_never().flatten().is_some() {}
        Ok(())
    }

    async fn ask(&mut self, question: &'static str) -> db::Result<bool> {
        Ok(sql::<Bool>(question).get_result(&mut self.conn).await?)
    }
}
