//! Likes made together, as a database commits in groups.
//!
//! While one statement is under way, the likes that arrive wait, and the next makes them all: a post that everybody likes
//! at once costs a statement for many, not a queue of them at its row. A like that is alone waits for nobody.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::{Db, Error, Result};
use futures_util::{StreamExt, stream};
use tokio::sync::{OwnedMutexGuard, oneshot};
use tokio::task::{spawn_local, yield_now};

use super::queries::{self, Wish};
use super::row::ChangeRow;

/// Likes of one statement, at the most.
const MOST: usize = 32;
/// Likes that are made beside each other where those of a batch cannot be made together: half of a worker's connections.
const BESIDE: usize = 4;
/// Likes that may wait for the next statements. One more is told to come back.
const QUEUE: usize = 512;

/// The likes of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Batches(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<VecDeque<Waiting>>,
    /// Whose turn it is to make likes.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Waiting {
    wish: Wish,
    answer: oneshot::Sender<Result<Option<ChangeRow>>>,
}

impl Batches {
    /// Makes a like; nothing where there is no such post. It is made even if nobody waits for the answer any more. To be
    /// called by a request: it is worked off beside those of its worker.
    ///
    /// # Errors
    /// Those of the database; [`Error::Busy`] where too many wait.
    pub async fn set(&self, db: &Db, wish: Wish) -> Result<Option<ChangeRow>> {
        let (answer, answered) = oneshot::channel();
        {
            let mut waiting = self.0.waiting();
            if waiting.len() == QUEUE {
                return Err(Error::Busy("too many likes wait".into()));
            }
            waiting.push_back(Waiting { wish, answer });
            // Whoever has the turn gives it back under this lock, having found nobody.
            if let Ok(turn) = self.0.turn.clone().try_lock_owned() {
                spawn_local(self.0.clone().work_off(db.clone(), turn));
            }
        }
        answered.await.unwrap_or_else(|_| Err(Error::Busy("the likes were not made".into())))
    }
}

impl Shared {
    /// Makes what waits, until nothing does.
    async fn work_off(self: Arc<Self>, db: Db, turn: OwnedMutexGuard<()>) {
        let mut turn = Some(turn);
        while let Some(batch) = self.next(&mut turn) {
            self.make(&db, batch).await;
            // Who is answered may have more to ask, and what came in meanwhile is to be read.
            yield_now().await;
        }
    }

    /// The next of those that wait, none of whom wants the same as another; if nobody waits, the turn is given back.
    fn next(&self, turn: &mut Option<OwnedMutexGuard<()>>) -> Option<Vec<Waiting>> {
        let mut waiting = self.waiting();
        let mut batch: Vec<Waiting> = Vec::with_capacity(waiting.len().min(MOST));
        while let Some(next) = waiting.pop_front() {
            let same =
                |other: &Waiting| (other.wish.post, other.wish.reader.id) == (next.wish.post, next.wish.reader.id);
            if batch.len() == MOST || batch.iter().any(same) {
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

    /// One statement for all; where it fails, perhaps for the sake of one of them, one for each beside the others.
    async fn make(&self, db: &Db, batch: Vec<Waiting>) {
        let (wishes, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.wish, one.answer)).unzip();
        let made = match set(db, &wishes).await {
            Ok(changes) => changes.into_iter().map(Ok).collect(),
            Err(error) if wishes.len() == 1 => vec![Err(error)],
            Err(_) => stream::iter(&wishes).map(|wish| alone(db, wish)).buffered(BESIDE).collect().await,
        };
        for (answer, made) in answers.into_iter().zip(made) {
            // Who is gone does not mind.
            let _ = answer.send(made);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn set(db: &Db, wishes: &[Wish]) -> Result<Vec<Option<ChangeRow>>> {
    queries::set(&mut *db.conn().await?, wishes).await
}

async fn alone(db: &Db, wish: &Wish) -> Result<Option<ChangeRow>> {
    set(db, std::slice::from_ref(wish)).await.map(|mut changes| changes.pop().flatten())
}
