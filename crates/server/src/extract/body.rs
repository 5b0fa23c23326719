//! Request bodies: read within a size and a time, understood, and found valid, or refused with all that is wrong.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use garde::Validate;
use problem::{Problem, codes};
use serde::de::DeserializeOwned;

use crate::{Refusal, invalid};

/// The most bytes of a JSON body, where the handler names no other.
pub(crate) const JSON_BYTES: usize = 64 * 1024;

/// A valid JSON body of at most `MOST` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T, const MOST: usize = JSON_BYTES>(pub T);

/// A valid body, in JSON or as a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonOrForm<T>(pub T);

/// A body as it came, of at most `MOST` bytes and of any kind: what is signed is bytes, not what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body<const MOST: usize = JSON_BYTES>(pub Bytes);

/// What a body may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
}

impl<T, const MOST: usize> Json<T, MOST> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> JsonOrForm<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T, const MOST: usize> Deref for Json<T, MOST> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const MOST: usize> DerefMut for Json<T, MOST> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<const MOST: usize> Deref for Body<MOST> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<T> Deref for JsonOrForm<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const MOST: usize> FromRequest for Json<T, MOST>
where
    T: DeserializeOwned + Validate<Context = ()> + 'static,
{
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let expected = expect(request, &[Kind::Json], MOST);
        let payload = payload.take();
        Box::pin(async move {
            expected?;
            Ok(Self(json(&read(payload, MOST, patience(MOST)).await?)?))
        })
    }
}

impl<T: DeserializeOwned + Validate<Context = ()> + 'static> FromRequest for JsonOrForm<T> {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let expected = expect(request, &[Kind::Json, Kind::Form], JSON_BYTES);
        let payload = payload.take();
        Box::pin(async move {
            let kind = expected?;
            let body = read(payload, JSON_BYTES, patience(JSON_BYTES)).await?;
            Ok(Self(if kind == Kind::Json { json(&body)? } else { form(&body)? }))
        })
    }
}

impl<const MOST: usize> FromRequest for Body<MOST> {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fits = fits(request, MOST);
        let payload = payload.take();
        Box::pin(async move {
            fits?;
            Ok(Self(read(payload, MOST, patience(MOST)).await?))
        })
    }
}

/// What the head of the request says of its body, if it may be that.
fn expect(request: &HttpRequest, kinds: &[Kind], most: usize) -> Result<Kind, Problem> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(unsupported(kinds));
    }
    let kind = text(header::CONTENT_TYPE).and_then(Kind::of).filter(|kind| kinds.contains(kind));
    let kind = kind.ok_or_else(|| unsupported(kinds))?;
    fits(request, most)?;
    Ok(kind)
}

/// Fine unless the head announces more than this.
fn fits(request: &HttpRequest, most: usize) -> Result<(), Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced = announced.and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) { Err(too_large(most)) } else { Ok(()) }
}

impl Kind {
    fn of(content_type: &str) -> Option<Self> {
        let media = content_type.split(';').next()?.trim();
        let (kind, subtype) = media.split_once('/')?;
        if !kind.eq_ignore_ascii_case("application") {
            return None;
        }
        let subtype = subtype.to_ascii_lowercase();
        match subtype.as_str() {
            "x-www-form-urlencoded" => Some(Self::Form),
            json if json == "json" || json.ends_with("+json") => Some(Self::Json),
            _ => None,
        }
    }
}

fn unsupported(kinds: &[Kind]) -> Problem {
    let expected = if kinds.contains(&Kind::Form) {
        "application/json, application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE).with("expected", expected).header("accept-encoding", "identity")
}

fn too_large(most: usize) -> Problem {
    Problem::new(&codes::TOO_LARGE).with("limit", most)
}

/// How long a body may take: 10 s, and a second more for every 64 KiB that it may have.
pub(crate) fn patience(most: usize) -> Duration {
    Duration::from_secs(10 + (most / (64 * 1024)) as u64)
}

/// Reads a whole body.
pub(crate) async fn read(payload: Payload, most: usize, patience: Duration) -> Result<Bytes, Problem> {
    match tokio::time::timeout(patience, gather(payload, most)).await {
        Ok(body) => body,
        Err(_) => Err(Problem::new(&codes::BODY_TIMEOUT).header("connection", "close")),
    }
}

async fn gather(mut payload: Payload, most: usize) -> Result<Bytes, Problem> {
    // Nearly every body arrives in one piece, which is then not copied.
    let Some(first) = payload.next().await else { return Ok(Bytes::new()) };
    let first = first.map_err(broken)?;
    if first.len() > most {
        return Err(too_large(most));
    }
    let Some(second) = payload.next().await else { return Ok(first) };
    let mut body = BytesMut::from(&*first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        let bytes = bytes.map_err(broken)?;
        if body.len() + bytes.len() > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&bytes);
        piece = payload.next().await;
    }
    Ok(body.freeze())
}

fn broken(error: actix_web::error::PayloadError) -> Problem {
    Problem::new(&codes::MALFORMED).because(error)
}

fn json<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, Problem> {
    let value: T = serde_json::from_slice(body).map_err(|error| invalid::json::<T>(body, &error))?;
    invalid::check(&value)?;
    Ok(value)
}

fn form<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, Problem> {
    let value = invalid::pairs(body, "/")?;
    invalid::check(&value)?;
    Ok(value)
}
