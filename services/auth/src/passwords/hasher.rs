//! The pool that passwords are hashed in.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use problem::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use unicode_normalization::UnicodeNormalization;

use super::scheme::{self, Failed, Scheme, Workspace};
use crate::codes;

/// So many wait for each that runs; more are told to come back.
const WAITING_PER_PERMIT: usize = 8;
/// Nobody waits longer for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// So much nicer than the others are the threads that hash (`nice(2)`): whoever signs in waits longer, nobody else does.
const NICENESS: i32 = 10;
/// A thread that had nothing to hash for so long gives its memory back.
const IDLE: Duration = Duration::from_secs(1);
/// How many wait or run.
const DEPTH: &str = "hash_queue_depth";

/// Hashes passwords, some at once. Clones share the pool.
#[derive(Clone)]
pub struct Hasher(Arc<Pool>);

/// Work for one of the threads.
type Job = Box<dyn FnOnce(&mut Workspace) + Send>;

struct Pool {
    scheme: Scheme,
    /// To the threads, of which there are as many as turns; they end with the pool.
    jobs: Sender<Job>,
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// What is checked when there is no account, so that it takes as long.
    nobody: String,
}

/// A place among those who wait for a hash; given back when dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "it is held, not looked at")] OwnedSemaphorePermit);

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!(DEPTH).decrement(1.0);
    }
}

/// What came of checking a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it was the right one.
    pub right: bool,
    /// A new hash of it, where it was right and stored in another way than today's.
    pub rehashed: Option<String>,
}

impl Hasher {
    /// A pool that runs `permits` hashes at once, on threads of its own.
    pub fn new(scheme: Scheme, permits: usize) -> Result<Self, Failed> {
        let nobody = scheme::hash(scheme, "nobody's password", &mut Workspace::default())?;
        let running = Arc::new(Semaphore::new(permits));
        let places = Arc::new(Semaphore::new(permits * (1 + WAITING_PER_PERMIT)));
        let (jobs, given) = unbounded();
        for nth in 0..permits {
            let given = given.clone();
            let thread = std::thread::Builder::new().name(format!("hash-{nth}"));
            thread.spawn(move || work_off(&given)).map_err(|e| Failed::Broken(e.to_string()))?;
        }
        Ok(Self(Arc::new(Pool { scheme, jobs, running, places, nobody })))
    }

    /// A place among those who wait, to be had before any other work is done; 503 where there is none.
    pub fn place(&self) -> Result<Place, Problem> {
        let place = self.0.places.clone().try_acquire_owned().map_err(|_| busy())?;
        metrics::gauge!(DEPTH).increment(1.0);
        Ok(Place(place))
    }

    /// A hash of `password` to store.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let (scheme, password) = (self.0.scheme, folded(password));
        self.run(self.place()?, move |workspace| scheme::hash(scheme, &password, workspace)).await
    }

    /// Checks `password` against what is stored, or against nobody's in the same time: then it is never right.
    pub async fn verify(&self, place: Place, password: &str, stored: Option<&str>) -> Result<Verdict, Problem> {
        let (scheme, password) = (self.0.scheme, password.to_owned());
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.0.nobody).to_owned();
        self.run(place, move |workspace| {
            let right = is_right(&password, &stored, workspace)? && known;
            let stale = right && !scheme::is_current(scheme, &stored);
            // One that today's scheme refuses stays as it is.
            let rehashed = stale.then(|| scheme::hash(scheme, &folded(&password), workspace).ok()).flatten();
            Ok(Verdict { right, rehashed })
        })
        .await
    }

    /// Runs `work` when it is its turn. The turn lasts as long as the work, even if nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce(&mut Workspace) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.0.running.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let (told, done) = oneshot::channel();
        let job: Job = Box::new(move |workspace| {
            let _held = (turn, place);
            let _nobody_waits_any_more = told.send(work(workspace));
        });
        self.0.jobs.send(job).map_err(|_| internal())?;
        done.await.map_err(|e| internal().because(e))?.map_err(|e| internal().because(e))
    }
}

/// The next job, however late it comes for a thread that holds no memory.
fn next(given: &Receiver<Job>, patient: bool) -> Result<Job, RecvTimeoutError> {
    if patient { given.recv().map_err(|_| RecvTimeoutError::Disconnected) } else { given.recv_timeout(IDLE) }
}

/// Does one job after the other, until there is no pool.
fn work_off(given: &Receiver<Job>) {
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(%error, "passwords are hashed at the priority of everything else");
    }
    let mut workspace = Workspace::default();
    loop {
        let job = match next(given, workspace.is_empty()) {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => {
                workspace = Workspace::default();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // Who waits for it hears that it is gone.
        if catch_unwind(AssertUnwindSafe(|| job(&mut workspace))).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

/// One spelling of each character, as ours are hashed.
pub fn folded(password: &str) -> String {
    password.nfkc().collect()
}

/// A hash of another system was made of the bytes as they came.
fn is_right(password: &str, stored: &str, workspace: &mut Workspace) -> Result<bool, Failed> {
    let folded = folded(password);
    let checked = match scheme::verify(&folded, stored, workspace) {
        Ok(false) if folded != password && stored.starts_with("$2") => scheme::verify(password, stored, workspace),
        checked => checked,
    };
    match checked {
        Err(Failed::Refused(reason)) => {
            tracing::error!(reason, "a stored password cannot be checked");
            Ok(false)
        }
        checked => checked,
    }
}

fn busy() -> Problem {
    Problem::new(&codes::BUSY).header("retry-after", 1)
}

fn internal() -> Problem {
    Problem::new(&problem::codes::INTERNAL)
}
