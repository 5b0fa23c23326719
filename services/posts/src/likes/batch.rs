//! Likes made together, as a database commits in groups.
//!
//! While one statement is under way, the likes that arrive wait, and the next makes them all: a post that everybody likes
//! at once costs a statement for many, not a queue of them at its row. Then those who were answered have a moment to come
//! back with their next, as clients do who send one after the other; while they do, all are made together. A like that is
//! alone waits for nobody.

use std::sync::Arc;

use db::{Db, Error, Result};
use futures_util::{StreamExt, stream};
use tokio::sync::oneshot;
use tokio::task::{spawn_local, yield_now};

use super::line::{Line, Turn};
use super::queries::{self, Wish};
use super::row::ChangeRow;

/// Likes that are made beside each other where those of a batch cannot be made together: half of a worker's connections.
const BESIDE: usize = 4;

/// The likes of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Batches(Arc<Line<Waiting>>);

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
        match self.0.join(Waiting { wish, answer }) {
            Ok(Some(turn)) => drop(spawn_local(work_off(self.0.clone(), db.clone(), turn))),
            Ok(None) => {}
            Err(_) => return Err(Error::Busy("too many likes wait".into())),
        }
        answered.await.unwrap_or_else(|_| Err(Error::Busy("the likes were not made".into())))
    }
}

/// Makes what waits, until nothing does.
async fn work_off(line: Arc<Line<Waiting>>, db: Db, turn: Turn) {
    let same =
        |one: &Waiting, other: &Waiting| (one.wish.post, one.wish.reader.id) == (other.wish.post, other.wish.reader.id);
    let mut turn = Some(turn);
    while let Some(batch) = line.next(&mut turn, same) {
        let answered = batch.len();
        make(&db, batch).await;
        // Who is answered may have more to ask, and what came in meanwhile is to be read.
        yield_now().await;
        line.are_back(answered).await;
    }
}

/// One statement for all, and everybody's answer.
async fn make(db: &Db, batch: Vec<Waiting>) {
    let (wishes, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.wish, one.answer)).unzip();
    for (answer, made) in answers.into_iter().zip(all(db, &wishes).await) {
        // Who is gone does not mind.
        let _ = answer.send(made);
    }
}

/// One statement for all; where it fails, perhaps for the sake of one of them, one for each beside the others.
async fn all(db: &Db, wishes: &[Wish]) -> Vec<Result<Option<ChangeRow>>> {
    let mut conn = match db.conn().await {
        Ok(conn) => conn,
        Err(error) => {
            let why = error.to_string();
            return wishes.iter().map(|_| Err(Error::Busy(why.clone()))).collect();
        }
    };
    match queries::set(&mut conn, wishes).await {
        Ok(changes) => changes.into_iter().map(Ok).collect(),
        Err(error) if wishes.len() == 1 => vec![Err(error)],
        Err(_) => {
            drop(conn);
            stream::iter(wishes).map(|wish| alone(db, wish)).buffered(BESIDE).collect().await
        }
    }
}

async fn alone(db: &Db, wish: &Wish) -> Result<Option<ChangeRow>> {
    let mut changes = queries::set(&mut *db.conn().await?, std::slice::from_ref(wish)).await?;
    Ok(changes.pop().flatten())
}
