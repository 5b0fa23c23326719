//! What a client's connection is doing, and since when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

/// How fine the clocks of connections are.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// A head must be whole after this long, also the first.
const HEAD: u32 = secs(5);
/// A connection may be silent for this long between requests.
const IDLE: u32 = secs(75);
/// An answer may stand still for this long.
const STALLED: u32 = secs(15);

/// One connection's state. Written by the connection's own task, judged by the tick of its core.
#[derive(Debug)]
pub(crate) struct Pulse {
    tick: Arc<AtomicU32>,
    state: AtomicU8,
    since: AtomicU32,
    deadline: AtomicU32,
    verdict: AtomicU8,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum State {
    /// Nothing came yet.
    Fresh,
    /// Between two requests.
    Idle,
    /// Part of a head came.
    Head,
    /// A request is being worked on.
    Working,
    /// An answer is being sent.
    Answering,
    /// All of an answer was handed to hyper, which has still to write it.
    Sent,
    /// It is no longer HTTP.
    Tunnel,
}

/// What the tick says of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Verdict {
    /// Go on.
    Alive,
    /// The request it works on is out of time.
    Late,
    /// Close it.
    Dead,
}

impl Pulse {
    /// The pulse of a connection that was just accepted; `tick` counts the ticks of its core.
    pub(crate) fn new(tick: Arc<AtomicU32>) -> Self {
        let now = tick.load(Ordering::Relaxed);
        Self {
            tick,
            state: AtomicU8::new(State::Fresh as u8),
            since: AtomicU32::new(now),
            deadline: AtomicU32::new(0),
            verdict: AtomicU8::new(Verdict::Alive as u8),
        }
    }

    /// Bytes came.
    pub(crate) fn heard(&self) {
        match self.state() {
            State::Fresh | State::Idle => self.enter(State::Head),
            State::Head | State::Tunnel => {}
            State::Working | State::Answering | State::Sent => self.touch(),
        }
    }

    /// Bytes went out.
    pub(crate) fn said(&self) {
        if matches!(self.state(), State::Answering | State::Sent) {
            self.touch();
        }
    }

    /// A head was whole; its request is to be answered within `deadline`.
    pub(crate) fn working(&self, deadline: Duration) {
        self.enter(State::Working);
        let ticks = u32::try_from(deadline.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX);
        self.deadline.store(self.now().saturating_add(ticks), Ordering::Relaxed);
        self.verdict.store(Verdict::Alive as u8, Ordering::Relaxed);
    }

    /// The answer's head is there.
    pub(crate) fn answering(&self) {
        self.enter(State::Answering);
    }

    /// All of the answer was handed over.
    pub(crate) fn sent(&self) {
        self.enter(State::Sent);
    }

    /// Everything that was handed over is written.
    pub(crate) fn flushed(&self) {
        if self.state() == State::Sent {
            self.enter(State::Idle);
        }
    }

    /// From here on the connection has its own clocks.
    pub(crate) fn tunnel(&self) {
        self.enter(State::Tunnel);
    }

    /// Whether what is being written answers no request: hyper refuses a head by itself.
    pub(crate) fn unasked(&self) -> bool {
        matches!(self.state(), State::Fresh | State::Idle | State::Head)
    }

    /// Judges it at this tick; says whether the verdict is news to the connection.
    pub(crate) fn judge(&self) -> bool {
        let age = self.now().wrapping_sub(self.since.load(Ordering::Relaxed));
        let verdict = match self.state() {
            State::Fresh | State::Head if age > HEAD => Verdict::Dead,
            State::Idle if age > IDLE => Verdict::Dead,
            State::Answering | State::Sent if age > STALLED => Verdict::Dead,
            State::Working if self.now() > self.deadline.load(Ordering::Relaxed) => Verdict::Late,
            _ => return false,
        };
        self.verdict.swap(verdict as u8, Ordering::Relaxed) != verdict as u8
    }

    /// The last verdict.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.verdict.load(Ordering::Relaxed) {
            0 => Verdict::Alive,
            1 => Verdict::Late,
            _ => Verdict::Dead,
        }
    }

    fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            0 => State::Fresh,
            1 => State::Idle,
            2 => State::Head,
            3 => State::Working,
            4 => State::Answering,
            5 => State::Sent,
            _ => State::Tunnel,
        }
    }

    fn enter(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
        self.touch();
    }

    fn touch(&self) {
        self.since.store(self.now(), Ordering::Relaxed);
    }

    fn now(&self) -> u32 {
        self.tick.load(Ordering::Relaxed)
    }
}

const fn secs(secs: u32) -> u32 {
    secs * 10
}
