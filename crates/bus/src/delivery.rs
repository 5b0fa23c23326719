//! What a handler is given, and what it may answer.

use contracts::Envelope;

/// An event that arrived.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event.
    pub envelope: Envelope,
    /// How often a handler has failed at it before.
    pub attempt: u32,
    /// Whether it was delivered before, perhaps to somebody who did the work and could not say so.
    pub redelivered: bool,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is committed: it is acknowledged.
    Done,
    /// It failed, for this reason: it comes back after 5 s, 30 s, 5 min and 1 h, then it is dead.
    Retry(String),
    /// It was not tried, for this reason, which is no fault of its own: it comes back as late as the next retry would,
    /// and however often.
    Later(String),
    /// It will never succeed, for this reason: it goes to the dead letters at once.
    Park(String),
}

/// Does the work of a service's queue. May be dropped at any await: the message is then delivered again.
pub trait Handler: Send + Sync + 'static {
    /// Does what the event asks for. A panic is a [`Outcome::Retry`].
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Outcome> + Send;
}

impl<F, A> Handler for F
where
    F: Fn(Delivery) -> A + Send + Sync + 'static,
    A: Future<Output = Outcome> + Send,
{
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Outcome> + Send {
        self(delivery)
    }
}
