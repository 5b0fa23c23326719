//! Publish with confirms, and consume with retry and dead letters, over RabbitMQ.
//!
//! A message is published only once the broker has confirmed it, and acknowledged only once its handler has answered;
//! what a handler cannot do now comes back to its own queue alone, and what it never can rests in `q.<service>.dead`
//! with the reason. A broker that is away is waited for. Sole owner of lapin and of the [`topology`]'s names.
//! Start with [`Bus`], then [`Handler`].

mod consume;
mod dead;
mod delivery;
mod error;
mod headers;
mod lane;
mod line;
mod link;
mod listen;
mod message;
mod publish;
pub mod topology;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use settings::SecretString;

pub use dead::DeadLetter;
pub use delivery::{Delivery, Handler, Outcome};
pub use error::Error;
pub use listen::Heard;
pub use message::Message;
pub use topology::Binding;

use crate::line::{Line, Target};
use crate::link::Link;

/// How long [`Bus::declare`] waits for a broker.
const DECLARE_WITHIN: Duration = Duration::from_secs(30);

/// What a service binds, once it has said so; declared again whenever the broker is back.
type Bindings = Arc<Mutex<Option<Vec<Binding>>>>;

/// The broker, as one service uses it. Clones share its two connections: one to consume and declare, so that it is
/// never blocked, and one to publish, opened with the first message.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    service: &'static str,
    target: Target,
    bindings: Bindings,
    incoming: Line,
    outgoing: OnceLock<Line>,
}

impl Bus {
    /// A bus of this service that connects in the background, on the current runtime, and connects again with backoff
    /// whenever the connection is lost.
    pub fn new(url: SecretString, service: &'static str) -> Self {
        let bindings = Bindings::default();
        let target = Target::new(&url, service);
        let incoming = Line::open(target.clone(), "in", Some(bindings.clone()));
        Self(Arc::new(Shared { service, target, bindings, incoming, outgoing: OnceLock::new() }))
    }

    /// Whose bus it is.
    pub fn service(&self) -> &'static str {
        self.0.service
    }

    /// Whether the broker is there now.
    pub fn connected(&self) -> bool {
        self.0.incoming.link().is_some() && self.0.outgoing.get().is_none_or(|line| line.link().is_some())
    }

    /// Waits until the broker is there.
    pub async fn until_connected(&self) {
        self.0.incoming.up().await;
        if let Some(outgoing) = self.0.outgoing.get() {
            outgoing.up().await;
        }
    }

    /// Declares the whole topology, this service's queues and these bindings, now and after every reconnection. Waits
    /// 30 s for a broker. Declaring what is there already changes nothing; bindings that are no longer named stay.
    ///
    /// # Errors
    /// When no broker was there, or what is there was declared differently.
    pub async fn declare(&self, bindings: &[Binding]) -> Result<(), Error> {
        *self.0.bindings.lock().unwrap_or_else(PoisonError::into_inner) = Some(bindings.to_vec());
        let declared = async {
            loop {
                let link = self.0.incoming.up().await;
                match topology::declare(&link, self.0.service, bindings).await {
                    Err(Error::Away(reason)) => tracing::info!(reason, "the topology is declared again"),
                    done => return done,
                }
                link.sleep_or_gone(Duration::from_millis(200)).await;
            }
        };
        let in_time = tokio::time::timeout(DECLARE_WITHIN, declared).await;
        in_time.unwrap_or_else(|_| Err(Error::Away("no broker answered for 30 s".into())))
    }

    /// Closes both connections in order, within 2 s, and makes no other: for the end of a process, after everything
    /// that consumes, listens or publishes.
    pub async fn close(&self) {
        let outgoing = async {
            if let Some(line) = self.0.outgoing.get() {
                line.close().await;
            }
        };
        let closed = async { tokio::join!(self.0.incoming.close(), outgoing) };
        // The broker notices by itself that a process is gone.
        let _ = tokio::time::timeout(Duration::from_secs(2), closed).await;
    }

    /// The line that publishes.
    fn outgoing(&self) -> &Line {
        self.0.outgoing.get_or_init(|| Line::open(self.0.target.clone(), "out", None))
    }

    /// The connection that consumes, once there is one.
    async fn incoming(&self) -> Arc<Link> {
        self.0.incoming.up().await
    }
}
