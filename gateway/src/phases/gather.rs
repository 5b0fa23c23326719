//! A small body is gathered before anybody is bothered with it: a slow client then holds no place at a service.
//!
//! What may be large is passed on as it comes, counted on the way.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};
use problem::{Problem, codes};

use crate::codes::{BAD_FRAMING, REQUEST_TIMEOUT};
use crate::table::Route;
use crate::wire::{Fate, Inbound, Pulse, within};

/// Routes that take no more than this have their bodies gathered.
const SMALL: u64 = 64 * 1024;
/// How long a body may take, and how much longer for each further piece of it.
const PATIENCE: Duration = Duration::from_secs(10);
const PIECE: u64 = 64 * 1024;

/// The body of a request as it goes to the service of `route`. The clock of the service starts when it has it all, or
/// where it gets it piece by piece with the time that these may take.
pub(crate) async fn gather(mut body: Incoming, route: &Route, pulse: &Pulse) -> Result<Inbound, Problem> {
    let cap = route.body_cap;
    if body.is_end_stream() {
        pulse.working(route.deadline);
        return Ok(Inbound::whole(Bytes::new()));
    }
    let most = body.size_hint().upper().unwrap_or(cap).min(cap);
    let patience = PATIENCE + Duration::from_secs(most / PIECE);
    if most > SMALL {
        pulse.working(route.deadline + patience);
        return Ok(Inbound::capped(body, cap, Rc::new(Cell::new(Fate::Open))));
    }
    pulse.working(patience);
    match within(pulse, collected(&mut body, cap)).await {
        Ok(gathered) => {
            pulse.working(route.deadline);
            gathered.map(Inbound::whole)
        }
        Err(_) => Err(Problem::new(&REQUEST_TIMEOUT).header("connection", "close")),
    }
}

async fn collected(body: &mut Incoming, cap: u64) -> Result<Bytes, Problem> {
    let (mut first, mut more) = (Bytes::new(), BytesMut::new());
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
        let chunk = match frame {
            None => return Ok(if more.is_empty() { first } else { more.freeze() }),
            Some(Err(_)) => return Err(Problem::new(&BAD_FRAMING).header("connection", "close")),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        if (first.len().max(more.len()) + chunk.len()) as u64 > cap {
            return Err(Problem::new(&codes::TOO_LARGE).with("limit", cap));
        }
        match (first.is_empty(), more.is_empty()) {
            (true, true) => first = chunk,
            (false, true) => {
                more.extend_from_slice(&std::mem::take(&mut first));
                more.extend_from_slice(&chunk);
            }
            _ => more.extend_from_slice(&chunk),
        }
    }
}
