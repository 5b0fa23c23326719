//! A small body is gathered before anybody is bothered with it: a slow client then holds no place at a service.
//!
//! What may be large is passed on as it comes, counted on the way.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};
use problem::{Problem, codes};

use crate::codes::{BAD_FRAMING, REQUEST_TIMEOUT};
use crate::wire::{Fate, Inbound, Pulse, within};

/// Routes that take no more than this have their bodies gathered.
const SMALL: u64 = 64 * 1024;

/// The body of a request as it goes to a service, at most `cap` long.
pub(crate) async fn gather(mut body: Incoming, cap: u64, pulse: &Pulse) -> Result<Inbound, Problem> {
    if body.is_end_stream() {
        return Ok(Inbound::whole(Bytes::new()));
    }
    let small = body.size_hint().upper().is_some_and(|size| size <= SMALL) || cap <= SMALL;
    if !small {
        return Ok(Inbound::capped(body, cap, Rc::new(Cell::new(Fate::Open))));
    }
    match within(pulse, collected(&mut body, cap)).await {
        Ok(gathered) => gathered.map(Inbound::whole),
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
