//! The slow tick of a core: it judges the connections, instead of a timer in each request.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Poll, Waker};

use super::pulse::{Pulse, Verdict};

/// All connections of a core.
pub(crate) struct Ticks {
    tick: Arc<AtomicU32>,
    next: Cell<u64>,
    watched: RefCell<HashMap<u64, Watched>>,
}

struct Watched {
    pulse: Arc<Pulse>,
    waker: Option<Waker>,
}

/// Keeps a connection among the watched for as long as it lives.
pub(crate) struct Watch {
    ticks: Rc<Ticks>,
    id: u64,
}

/// The request is out of time.
#[derive(Debug)]
pub(crate) struct Expired;

impl Ticks {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self { tick: Arc::default(), next: Cell::new(0), watched: RefCell::default() })
    }

    /// Starts to watch a new connection.
    pub(crate) fn watch(self: &Rc<Self>) -> (Arc<Pulse>, Watch) {
        let pulse = Arc::new(Pulse::new(Arc::clone(&self.tick)));
        let id = self.next.replace(self.next.get().wrapping_add(1));
        self.watched.borrow_mut().insert(id, Watched { pulse: Arc::clone(&pulse), waker: None });
        (pulse, Watch { ticks: Rc::clone(self), id })
    }

    /// One tick further: whoever is late or dead is woken to hear it.
    pub(crate) fn advance(&self) {
        self.tick.fetch_add(1, Ordering::Relaxed);
        for watched in self.watched.borrow().values() {
            if watched.pulse.judge() {
                watched.wake();
            }
        }
    }

    /// Wakes every connection, to look at something that concerns all.
    pub(crate) fn wake_all(&self) {
        self.watched.borrow().values().for_each(Watched::wake);
    }

    /// How many connections there are.
    pub(crate) fn len(&self) -> usize {
        self.watched.borrow().len()
    }

    /// The number of ticks so far.
    pub(crate) fn now(&self) -> u32 {
        self.tick.load(Ordering::Relaxed)
    }
}

impl Watched {
    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}

impl Watch {
    /// Whom to wake.
    pub(crate) fn wake_with(&self, waker: &Waker) {
        if let Some(watched) = self.ticks.watched.borrow_mut().get_mut(&self.id)
            && !watched.waker.as_ref().is_some_and(|known| known.will_wake(waker))
        {
            watched.waker = Some(waker.clone());
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ticks.watched.borrow_mut().remove(&self.id);
    }
}

/// `work`, or [`Expired`] once the tick has judged its connection late.
pub(crate) async fn within<F: Future>(pulse: &Pulse, work: F) -> Result<F::Output, Expired> {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Ok(done)),
        Poll::Pending if pulse.verdict() == Verdict::Late => Poll::Ready(Err(Expired)),
        Poll::Pending => Poll::Pending,
    })
    .await
}
