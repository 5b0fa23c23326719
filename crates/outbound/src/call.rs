//! One call: what is sent, within which deadline, and what is made of the answer.

use std::time::Duration;

use reqwest::{Method, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::{Error, Peer};

const DEADLINE: Duration = Duration::from_secs(2);
const LARGEST_ANSWER: usize = 1024 * 1024;
const PAUSE_MS: std::ops::Range<u64> = 50..300;

/// A call to be sent by [`Call::send_json`] or [`Call::send`].
#[must_use]
pub struct Call {
    peer: Peer,
    method: Method,
    path: String,
    bearer: Option<String>,
    body: Option<Vec<u8>>,
    deadline: Duration,
}

impl Call {
    pub(crate) fn new(peer: Peer, method: Method, path: &str) -> Self {
        Self { peer, method, path: path.to_owned(), bearer: None, body: None, deadline: DEADLINE }
    }

    /// Hands on the caller's token.
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    /// Sends this body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        // What cannot be written as JSON is a map with keys that are no text; the peer refuses the empty body.
        self.body = Some(serde_json::to_vec(body).unwrap_or_default());
        self
    }

    /// Ends it after `deadline` instead of 2 s; sooner where whoever asked for the current work stops waiting sooner.
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sends it and reads the answer.
    pub async fn send_json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let body = self.run().await?;
        serde_json::from_slice(&body).map_err(|e| Error::Malformed(e.to_string()))
    }

    /// Sends it; what a good answer says does not matter.
    pub async fn send(self) -> Result<(), Error> {
        self.run().await.map(drop)
    }

    async fn run(self) -> Result<Vec<u8>, Error> {
        let name = self.peer.name();
        let result = self.guarded().await;
        let outcome = match &result {
            Ok(_) => "ok",
            Err(Error::Status(..)) => "status",
            Err(Error::Timeout) => "timeout",
            Err(Error::Unreachable(_)) => "unreachable",
            Err(Error::Open) => "open",
            Err(Error::Malformed(_)) => "malformed",
        };
        metrics::counter!("outbound_calls_total", "peer" => name, "outcome" => outcome).increment(1);
        if let Err(error) = &result {
            tracing::debug!(peer = name, %error, "a call to a peer gave nothing");
        }
        result
    }

    async fn guarded(self) -> Result<Vec<u8>, Error> {
        let admitted = self.peer.admit()?;
        let own = Instant::now() + self.deadline;
        let callers = telemetry::Context::current().and_then(|context| context.deadline);
        let until = callers.map_or(own, |deadline| own.min(deadline.into()));
        let result = tokio::time::timeout_at(until, self.attempts(until)).await.unwrap_or(Err(Error::Timeout));
        if matches!(result, Err(Error::Timeout)) && until < own {
            return result; // A caller in a hurry says nothing of the peer.
        }
        let well = match &result {
            Ok(_) => true,
            Err(Error::Status(status, _)) => *status < 500,
            Err(_) => false,
        };
        admitted.ended(well);
        result
    }

    /// The call, and once more if it never reached the peer, may be repeated and the budget allows.
    async fn attempts(&self, until: Instant) -> Result<Vec<u8>, Error> {
        let first = self.attempt(until).await;
        let repeatable = matches!(self.method, Method::GET | Method::PUT | Method::DELETE);
        if !repeatable || !matches!(first, Err(Error::Unreachable(_))) || !self.peer.may_retry() {
            return first;
        }
        let pause = Duration::from_millis(rand::random_range(PAUSE_MS));
        tokio::time::sleep(pause).await;
        self.attempt(until).await
    }

    async fn attempt(&self, until: Instant) -> Result<Vec<u8>, Error> {
        let request = self.request(until)?;
        let response = self.peer.client()?.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let body = read(response).await?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        Err(Error::Status(status, String::from_utf8_lossy(&body).into_owned()))
    }

    fn request(&self, until: Instant) -> Result<Request, Error> {
        let address = self.peer.address(&self.path)?;
        let left = until.saturating_duration_since(Instant::now());
        let mut request = self.peer.client()?.request(self.method.clone(), address);
        request = request.header("x-request-deadline-ms", left.as_millis().to_string());
        if let Some(context) = telemetry::Context::current() {
            request = request.header("x-request-id", &*context.request_id);
            request = request.header("traceparent", context.trace.child().traceparent());
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        if let Some(body) = &self.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        request.build().map_err(|e| Error::Malformed(e.to_string()))
    }
}

pub(crate) async fn read(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Error::Malformed(format!("more than {LARGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Without the address, whose query may hold more than a log should.
pub(crate) fn failed(error: reqwest::Error) -> Error {
    if error.is_timeout() && !error.is_connect() {
        return Error::Timeout;
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Error::Unreachable(text)
}
