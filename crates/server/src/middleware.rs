//! The one wrap around all handlers, in this order: context, account, lane, deadline, panic, rendering.

use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::task;

use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::Method;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use problem::{Problem, codes};

use crate::Refusal;
use crate::edge::{self, Edge};
use crate::settle::{Account, Series, foreign};

/// Wraps an application.
pub(crate) struct Wrap(pub(crate) Arc<Edge>);

/// A wrapped application, one per worker.
pub(crate) struct Wrapped<S> {
    inner: S,
    edge: Arc<Edge>,
    series: Rc<Series>,
}

impl<S> Transform<S, ServiceRequest> for Wrap
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = Wrapped<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(Wrapped { inner, edge: self.0.clone(), series: Rc::new(Series::new()) }))
    }
}

impl<S> Service<ServiceRequest> for Wrapped<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&self, context: &mut task::Context<'_>) -> task::Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let account = Account::open(&self.edge, &self.series, &request);
        let deadline = account.rest;
        let lane = self.edge.lanes.of(request.path());
        if request.method() == Method::HEAD {
            // As GET, whose body the connection then leaves out (RFC 9110 §9.3.2).
            request.head_mut().method = Method::GET;
        }
        // Nothing of the handler runs before this is polled.
        let answer = self.inner.call(request);
        let work = async move {
            let _turn = match lane {
                Some(lane) => Some(edge::turn(lane).await?),
                None => None,
            };
            match deadline {
                None => Ok(answer.await),
                Some(rest) => tokio::time::timeout(rest, answer).await.map_err(|_| Problem::new(&codes::TIMEOUT)),
            }
        };
        let work = account.entered.scope(AssertUnwindSafe(work).catch_unwind());
        Box::pin(async move {
            match work.await {
                Ok(Ok(Ok(response))) => Ok(account.answered(response)),
                Ok(Ok(Err(error))) => Err(match error.as_error::<Refusal>() {
                    Some(Refusal(problem)) => account.refused(problem),
                    None => {
                        let status = error.as_response_error().status_code();
                        account.refused(&foreign(status).because(error.to_string()))
                    }
                }),
                Ok(Err(problem)) => Err(account.refused(&problem)),
                // The panic itself is in the log already.
                Err(_) => Err(account.refused(&Problem::new(&codes::INTERNAL).because("the handler panicked"))),
            }
        })
    }
}
