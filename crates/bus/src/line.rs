//! A connection that is made again whenever it is lost.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use lapin::uri::AMQPUri;
use settings::{ExposeSecret, SecretString};
use tokio::sync::{Notify, watch};

use crate::link::Link;
use crate::{Bindings, Error, topology};

/// Seconds between two heartbeats; a connection that is silent for twice as long is lost.
const HEARTBEAT_SECS: u16 = 5;
/// The largest frame, in bytes. The library keeps room for 64 of them for each connection, which at the 128 KiB that
/// brokers offer is 8 MiB; events are smaller than one of these, and a larger one takes several.
const FRAME_BYTES: u32 = 16 * 1024;
/// For the network alone, in milliseconds.
const CONNECT_MS: u64 = 3_000;

/// Where to connect, and as whom.
#[derive(Clone)]
pub(crate) struct Target {
    uri: Result<AMQPUri, String>,
    service: &'static str,
}

/// The present connection, if there is one. Ends with its last clone.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    state: watch::Receiver<Option<Arc<Link>>>,
    closing: Arc<Notify>,
}

impl Target {
    pub(crate) fn new(url: &SecretString, service: &'static str) -> Self {
        let uri = url.expose_secret().parse::<AMQPUri>().map(|mut uri| {
            uri.query.heartbeat = Some(HEARTBEAT_SECS);
            uri.query.frame_max = Some(FRAME_BYTES);
            uri.query.connection_timeout = Some(CONNECT_MS);
            uri
        });
        // The parser's words may quote the password.
        let uri = uri.map_err(|_| "its address is not an amqp:// or amqps:// URL".to_owned());
        Self { uri, service }
    }

    pub(crate) fn service(&self) -> &'static str {
        self.service
    }

    pub(crate) fn uri(&self) -> Result<AMQPUri, Error> {
        self.uri.clone().map_err(Error::Away)
    }
}

impl Line {
    /// Begins to connect. What is bound is declared before anybody sees the connection.
    #[expect(clippy::disallowed_methods, reason = "a connection serves many callers and ends with the last of them")]
    pub(crate) fn open(target: Target, way: &'static str, bindings: Option<Bindings>) -> Self {
        let (sender, state) = watch::channel(None);
        let closing = Arc::new(Notify::new());
        let keeper = Keeper { target, way, bindings, state: sender, closing: closing.clone() };
        tokio::spawn(keeper.keep());
        Self { state, closing }
    }

    /// The connection, if there is one.
    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        self.state.borrow().clone().filter(|link| link.is_up())
    }

    /// The connection, once there is one.
    pub(crate) async fn up(&self) -> Arc<Link> {
        let mut state = self.state.clone();
        loop {
            let up = state.wait_for(|link| link.as_ref().is_some_and(|link| link.is_up())).await;
            if let Some(link) = up.ok().and_then(|link| link.clone()) {
                return link;
            }
            // It was closed: there will be none.
            std::future::pending::<()>().await;
        }
    }

    /// Closes the connection in order, and makes no other.
    pub(crate) async fn close(&self) {
        self.closing.notify_one();
        let mut state = self.state.clone();
        while state.changed().await.is_ok() {}
    }
}

/// Makes the connection of a line, again and again.
struct Keeper {
    target: Target,
    way: &'static str,
    bindings: Option<Bindings>,
    state: watch::Sender<Option<Arc<Link>>>,
    closing: Arc<Notify>,
}

impl Keeper {
    async fn keep(self) {
        let connected = metrics::gauge!("bus_connected", "way" => self.way);
        let way = self.way;
        let mut pauses = pauses();
        let mut told = false;
        loop {
            connected.set(0.0);
            let link = tokio::select! {
                link = connect(&self.target, way, self.bindings.as_ref()) => link,
                () = self.unwanted() => return,
            };
            match link {
                Ok(link) => {
                    tracing::info!(way, "connected to the broker");
                    connected.set(1.0);
                    self.state.send_replace(Some(link.clone()));
                    let lost = tokio::select! {
                        reason = link.lost() => Some(reason),
                        () = self.unwanted() => None,
                    };
                    self.state.send_replace(None);
                    link.close().await;
                    let Some(reason) = lost else { return connected.set(0.0) };
                    tracing::warn!(way, reason, "the connection to the broker was lost");
                    (pauses, told) = (self::pauses(), false);
                }
                Err(error) if told => tracing::debug!(way, %error, "no connection to the broker yet"),
                Err(error) => {
                    told = true;
                    tracing::warn!(way, %error, "no connection to the broker; trying again");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pauses.next().unwrap_or(Duration::from_secs(2))) => {}
                () = self.unwanted() => return,
            }
        }
    }

    /// Completes when the line is closed, or nobody has it any more.
    async fn unwanted(&self) {
        tokio::select! {
            () = self.state.closed() => {}
            () = self.closing.notified() => {}
        }
    }
}

/// Connects and declares what is bound, so that nobody ever meets a broker without its queues.
async fn connect(target: &Target, way: &'static str, bindings: Option<&Bindings>) -> Result<Arc<Link>, Error> {
    let link = Link::connect(target, way).await?;
    let bound = bindings.and_then(|bound| bound.lock().unwrap_or_else(PoisonError::into_inner).clone());
    if let Some(bound) = bound {
        match topology::declare(&link, target.service(), &bound).await {
            Err(error @ Error::Away(_)) => {
                link.close().await;
                return Err(error);
            }
            // What is there may still serve.
            Err(error) => tracing::error!(%error, "the topology is not as it should be"),
            Ok(()) => {}
        }
    }
    Ok(link)
}

fn pauses() -> impl Iterator<Item = Duration> {
    let (least, most) = (Duration::from_millis(100), Duration::from_secs(2));
    ExponentialBuilder::new().with_min_delay(least).with_max_delay(most).with_jitter().without_max_times().build()
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("service", &self.service).finish_non_exhaustive()
    }
}
