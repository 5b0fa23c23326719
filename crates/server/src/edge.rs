//! What all requests of a process share.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use authn::Verifier;
use clock::Clock;
use problem::{Problem, codes};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::health::Health;
use crate::routes::Routes;

/// What all requests of a process share.
pub(crate) struct Edge {
    /// The service's name, for which a service token has to be.
    pub(crate) name: &'static str,
    pub(crate) verifier: Verifier,
    pub(crate) clock: Clock,
    pub(crate) health: Health,
    pub(crate) routes: Routes,
    pub(crate) lanes: Lanes,
}

/// How many requests are worked on at once. Some paths have a lane of their own, so that they get through when all
/// else is full.
pub(crate) struct Lanes {
    open: Arc<Semaphore>,
    own: Arc<Semaphore>,
    own_paths: Vec<&'static str>,
}

/// A burst may wait that long for its turn before it is refused; longer, and refusing would be slow itself.
const TURN: Duration = Duration::from_millis(25);

impl Edge {
    /// That of the process which answers this request.
    pub(crate) fn of(request: &HttpRequest) -> Result<&Self, Problem> {
        let edge = request.app_data::<Arc<Self>>().map(Arc::as_ref);
        edge.ok_or_else(|| Problem::new(&codes::INTERNAL).because("the application has no edge"))
    }
}

impl Lanes {
    pub(crate) fn new(most: usize, own_paths: Vec<&'static str>) -> Self {
        Self { open: Arc::new(Semaphore::new(most)), own: Arc::new(Semaphore::new(most)), own_paths }
    }

    /// The lane of this path; none where anybody may always pass.
    pub(crate) fn of(&self, path: &str) -> Option<Arc<Semaphore>> {
        if !path.starts_with("/api/") {
            return None;
        }
        let own = self.own_paths.contains(&path);
        Some(if own { self.own.clone() } else { self.open.clone() })
    }
}

/// A turn in this lane, or the refusal of a service that is full.
pub(crate) async fn turn(lane: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    if let Ok(permit) = lane.clone().try_acquire_owned() {
        return Ok(permit);
    }
    match tokio::time::timeout(TURN, lane.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Problem::new(&codes::UNAVAILABLE).header("retry-after", 1)),
    }
}
