//! One connection, from its handshake to its loss.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::sync::{Mutex, Notify};
use tokio::time::{sleep, timeout};

use crate::Error;
use crate::line::Target;

/// A whole handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(6);
/// Anything that the broker does at once.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A connection to the broker.
pub(crate) struct Link {
    connection: Connection,
    /// The channel on which messages are published. Held while one is written, so that their numbers and their order
    /// on the wire agree.
    pub(crate) publisher: Mutex<Option<Arc<Channel>>>,
    given_up: Notify,
}

impl Link {
    pub(crate) async fn connect(target: &Target, way: &str) -> Result<Arc<Self>, Error> {
        let name = format!("{} {way}", target.service());
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connecting = Connection::connect_uri(target.uri()?, properties);
        let connection = within(HANDSHAKE_WITHIN, connecting).await?;
        Ok(Arc::new(Self { connection, publisher: Mutex::default(), given_up: Notify::new() }))
    }

    pub(crate) fn is_up(&self) -> bool {
        self.connection.status().connected()
    }

    /// Whether the broker takes nothing from this connection, for want of memory or disk.
    pub(crate) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Completes with the reason when the connection is lost or given up.
    pub(crate) async fn lost(&self) -> String {
        let mut events = pin!(self.connection.events_listener());
        loop {
            tokio::select! {
                () = self.given_up.notified() => return "the broker did not answer".into(),
                event = events.next() => match event {
                    // The broker also closes single channels, which is between it and who uses them.
                    Some(lapin::Event::Error(error)) if !self.is_up() => return error.to_string(),
                    Some(lapin::Event::ConnectionBlocked(reason)) => tracing::warn!(reason, "the broker takes no messages"),
                    Some(lapin::Event::ConnectionUnblocked) => tracing::info!("the broker takes messages again"),
                    Some(_) => {}
                    None => return "it ended".into(),
                },
                () = sleep(Duration::from_secs(1)) => if !self.is_up() {
                    return "it is closed".into();
                },
            }
        }
    }

    /// Declares the connection lost: the broker left a question unanswered.
    pub(crate) fn give_up(&self) {
        self.given_up.notify_one();
    }

    /// Completes when the connection is lost.
    pub(crate) async fn gone(&self) {
        while self.is_up() {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits so long, or until the connection is lost.
    pub(crate) async fn sleep_or_gone(&self, span: Duration) {
        // Either will do.
        let _ = timeout(span, self.gone()).await;
    }

    /// A new channel.
    pub(crate) async fn channel(&self) -> Result<Channel, Error> {
        within(ANSWER_WITHIN, self.connection.create_channel()).await
    }

    /// A new channel with confirms.
    pub(crate) async fn confirming(&self) -> Result<Channel, Error> {
        let channel = self.channel().await?;
        within(ANSWER_WITHIN, channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(channel)
    }

    pub(crate) async fn close(&self) {
        // A connection that is lost cannot be closed in order.
        let _ = timeout(Duration::from_secs(1), self.connection.close(200, "bye".into())).await;
    }
}

/// The broker's answer, if it comes in time.
pub(crate) async fn within<T>(
    span: Duration,
    answer: impl Future<Output = Result<T, lapin::Error>>,
) -> Result<T, Error> {
    match timeout(span, answer).await {
        Ok(answer) => answer.map_err(|e| Error::of(&e)),
        Err(_) => Err(Error::Away(format!("no answer for {} s", span.as_secs()))),
    }
}

/// The broker's answer to a declaration, if it comes in time.
pub(crate) async fn answer<T>(answer: impl Future<Output = Result<T, lapin::Error>>) -> Result<T, Error> {
    within(ANSWER_WITHIN, answer).await
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("up", &self.is_up()).finish_non_exhaustive()
    }
}
