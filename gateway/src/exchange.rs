//! A request between its head and the head of its answer, as hyper waits for it.
//!
//! Nearly all requests are either answered at once or sent over a connection that is there: these need no more than
//! this small value, which lives in the connection. Whatever else may happen is boxed. Start with [`Exchange`].

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use hyper::body::Incoming;
use pin_project_lite::pin_project;

use crate::phases::{Failure, answer, call, settle};
use crate::upstream::{Lease, Unsent};
use crate::way::Way;
use crate::wire::{Expired, Fate, Outgoing, Verdict, within};

/// What waits for the answer to a request that may take its time.
type Later = Pin<Box<dyn Future<Output = Response<Outgoing>>>>;

pin_project! {
    /// A request that was taken up. `A` waits for the head of a service's answer.
    #[project = Stage]
    pub(crate) enum Exchange<A> {
        /// Answered already.
        Over { answer: Option<Response<Outgoing>> },
        /// Sent over the connection that the lease holds.
        Sent { sent: Option<(Way, Lease)>, #[pin] waiting: A },
        /// Everything else.
        Later { work: Later },
    }
}

impl<A> Exchange<A> {
    /// One that is answered already.
    pub(crate) fn over(answer: Response<Outgoing>) -> Self {
        Self::Over { answer: Some(answer) }
    }

    /// One that may take its time.
    pub(crate) fn later(work: impl Future<Output = Response<Outgoing>> + 'static) -> Self {
        Self::Later { work: Box::pin(work) }
    }

    /// One that was sent over the connection of `lease`.
    pub(crate) fn sent(way: Way, lease: Lease, waiting: A) -> Self {
        Self::Sent { sent: Some((way, lease)), waiting }
    }
}

impl<A: Future<Output = Result<Response<Incoming>, Unsent>>> Future for Exchange<A> {
    type Output = Result<Response<Outgoing>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.as_mut().project() {
                Stage::Over { answer } => match answer.take() {
                    Some(answer) => return Poll::Ready(Ok(answer)),
                    // Nobody asks twice.
                    None => return Poll::Pending,
                },
                Stage::Later { work } => return work.as_mut().poll(cx).map(Ok),
                Stage::Sent { sent, waiting } => {
                    let Some((way, lease)) = sent else { return Poll::Pending };
                    let late = way.pulse.verdict() == Verdict::Late;
                    let answered = match lease.poll_answer(cx, waiting) {
                        Poll::Pending if late => Err(Expired),
                        polled => Ok(ready!(polled)),
                    };
                    let Some((way, lease)) = sent.take() else { return Poll::Pending };
                    self.set(next(way, lease, answered));
                }
            }
        }
    }
}

/// What follows on the answer to a request that was sent, or on its not being one.
fn next<A>(way: Way, mut lease: Lease, answered: Result<Result<Response<Incoming>, Unsent>, Expired>) -> Exchange<A> {
    let called = match answered {
        Ok(Ok(answer)) => Ok(Ok(answer)),
        Ok(Err(Unsent::Lost(error))) => Ok(Err(Failure::Broken(error))),
        Err(expired) => Err(expired),
        Ok(Err(Unsent::Whole(request))) => {
            lease.instance().forget_idle();
            return Exchange::later(async move {
                let called = within(&way.pulse, call(&mut lease, *request)).await;
                let passed = settle(&way, lease, called, Fate::Whole);
                let passed = passed.and_then(|from| answer(from, &way.facts.method, way.facts.zip));
                way.end(passed)
            });
        }
    };
    let passed = settle(&way, lease, called, Fate::Whole);
    let passed = passed.and_then(|from| answer(from, &way.facts.method, way.facts.zip));
    Exchange::over(way.end(passed))
}
