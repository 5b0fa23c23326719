//! Who waits for the next statement, and when it begins.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::timeout;

/// Likes of one statement, at the most.
pub const MOST: usize = 32;
/// Likes that may wait for the next statements. One more is told to come back.
pub const QUEUE: usize = 512;
/// How long those who were answered have to come back. tokio counts whole milliseconds: it may be one more.
const BACK: Duration = Duration::from_millis(1);
/// After this wait was in vain once, so many statements begin without it: clients do not come back at once.
pub const IN_VAIN: usize = 8;

/// A line of whoever waits for a statement, one statement at a time.
pub struct Line<W> {
    inner: Mutex<Inner<W>>,
    /// As many wait as are worth a statement.
    enough: Notify,
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Inner<W> {
    waiting: VecDeque<W>,
    /// How many are worth a statement, while some are waited for.
    wanted: Option<usize>,
    /// How many statements are to begin without waiting.
    at_once: usize,
}

/// The right to take from the line, which one has at a time.
pub type Turn = OwnedMutexGuard<()>;

/// The line is as long as it may be.
#[derive(Debug)]
pub struct Full;

impl<W> Default for Line<W> {
    fn default() -> Self {
        let inner = Inner { waiting: VecDeque::new(), wanted: None, at_once: 0 };
        Self { inner: Mutex::new(inner), enough: Notify::new(), turn: Arc::default() }
    }
}

impl<W> Line<W> {
    /// Puts one at the end, and gives him the turn if nobody has it.
    ///
    /// # Errors
    /// [`Full`] where [`QUEUE`] wait.
    pub fn join(&self, one: W) -> Result<Option<Turn>, Full> {
        let mut inner = self.lock();
        if inner.waiting.len() == QUEUE {
            return Err(Full);
        }
        inner.waiting.push_back(one);
        if inner.wanted == Some(inner.waiting.len()) {
            self.enough.notify_one();
        }
        // Whoever has the turn gives it back under this lock, having found nobody.
        Ok(self.turn.clone().try_lock_owned().ok())
    }

    /// The next of those that wait, none of whom wants the `same` as another; if nobody waits, the turn is given back.
    pub fn next(&self, turn: &mut Option<Turn>, same: impl Fn(&W, &W) -> bool) -> Option<Vec<W>> {
        let waiting = &mut self.lock().waiting;
        let mut batch: Vec<W> = Vec::with_capacity(waiting.len().min(MOST));
        while let Some(next) = waiting.pop_front() {
            if batch.len() == MOST || batch.iter().any(|other| same(other, &next)) {
                waiting.push_front(next);
                break;
            }
            batch.push(next);
        }
        if batch.is_empty() {
            turn.take();
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Waits a moment until three quarters are there of as many as were `answered` and those that wait already: the last
    /// of them are late too often to be waited for. Nobody is waited for by one alone, nor soon after it was in vain.
    pub async fn are_back(&self, answered: usize) {
        {
            let mut inner = self.lock();
            let all = (answered + inner.waiting.len()).min(MOST);
            let most = (3 * all).div_ceil(4);
            if all < 2 || inner.waiting.len() >= most {
                return;
            }
            if inner.at_once > 0 {
                inner.at_once -= 1;
                return;
            }
            inner.wanted = Some(most);
        }
        let came = timeout(BACK, self.enough.notified()).await.is_ok();
        let mut inner = self.lock();
        inner.wanted = None;
        inner.at_once = if came { 0 } else { IN_VAIN };
    }

    fn lock(&self) -> MutexGuard<'_, Inner<W>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
