//! People who call the service, each call in the moment's time.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use clock::Clock;
use contracts::{Role, SessionId, Tier, UserId};
use jiff::SignedDuration;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde::Serialize;

use crate::Answer;
use crate::tokens::{Holder, Signer, one_factor, two_factors};

/// Somebody who calls the service: signed in, or nobody.
#[derive(Clone)]
pub struct Actor {
    /// The account.
    pub id: UserId,
    /// What tests call it.
    pub name: String,
    proof: Proof,
    client: Client,
    base: String,
    clock: Clock,
}

/// How an actor proves who it is.
#[derive(Clone)]
enum Proof {
    None,
    /// A new token for each call, so that time may pass between them.
    Fresh(Signer, Holder),
    /// This one.
    Kept(String),
}

/// A request that is about to be sent: await it.
#[must_use = "a call is made only when awaited"]
pub struct Call {
    client: Client,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

/// Whom and where an actor calls.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) client: Client,
    pub(crate) base: String,
    pub(crate) clock: Clock,
}

impl Actor {
    pub(crate) fn nobody(line: Line) -> Self {
        Self::with(line, "nobody", UserId(uuid::Uuid::nil()), Proof::None)
    }

    pub(crate) fn known_by(line: Line, name: &str, id: UserId, token: String) -> Self {
        Self::with(line, name, id, Proof::Kept(token))
    }

    pub(crate) fn signed_in(line: Line, name: &str, id: UserId, roles: &[Role]) -> Self {
        let holder = Holder {
            user: id,
            session: SessionId(id.0),
            roles: roles.iter().copied().collect(),
            tier: Tier::Free,
            email_verified: true,
            amr: one_factor(),
            proved: SignedDuration::ZERO,
        };
        Self::with(line, name, id, Proof::Fresh(Signer::ours(), holder))
    }

    fn with(line: Line, name: &str, id: UserId, proof: Proof) -> Self {
        Self { id, name: name.to_owned(), proof, client: line.client, base: line.base, clock: line.clock }
    }

    /// The same person, paying for it.
    #[must_use]
    pub fn premium(mut self) -> Self {
        if let Proof::Fresh(_, holder) = &mut self.proof {
            holder.tier = Tier::Premium;
        }
        self
    }

    /// The same person, whose address is not proven.
    #[must_use]
    pub fn unverified(mut self) -> Self {
        if let Proof::Fresh(_, holder) = &mut self.proof {
            holder.email_verified = false;
        }
        self
    }

    /// The same person, whose session was opened with a second factor, as administrators' are.
    #[must_use]
    pub fn with_second_factor(mut self) -> Self {
        if let Proof::Fresh(_, holder) = &mut self.proof {
            holder.amr = two_factors();
        }
        self
    }

    /// The same person, who showed a password alone.
    #[must_use]
    pub fn with_password_alone(mut self) -> Self {
        if let Proof::Fresh(_, holder) = &mut self.proof {
            holder.amr = one_factor();
        }
        self
    }

    /// The same person, who signed in so long ago.
    #[must_use]
    pub fn signed_in_before(mut self, ago: SignedDuration) -> Self {
        if let Proof::Fresh(_, holder) = &mut self.proof {
            holder.proved = ago;
        }
        self
    }

    /// A token as this person would send it now; nobody has none.
    pub fn token(&self) -> Option<String> {
        match &self.proof {
            Proof::None => None,
            Proof::Fresh(signer, holder) => Some(signer.token(holder, self.clock.now())),
            Proof::Kept(token) => Some(token.clone()),
        }
    }

    /// Reads `path`, which is below `/api/v1` unless it says otherwise.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// Sends `json` to `path`.
    pub fn post(&self, path: &str, json: impl Serialize) -> Call {
        self.call(Method::POST, path).json(json)
    }

    /// Replaces what is at `path`.
    pub fn put(&self, path: &str, json: impl Serialize) -> Call {
        self.call(Method::PUT, path).json(json)
    }

    /// Changes what is at `path`.
    pub fn patch(&self, path: &str, json: impl Serialize) -> Call {
        self.call(Method::PATCH, path).json(json)
    }

    /// Removes what is at `path`.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any other call, without a body yet.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let below = if path.starts_with("/api/") || path.starts_with("/health") { "" } else { server::PREFIX };
        let url = format!("{}{below}{path}", self.base);
        let call = Call { client: self.client.clone(), method, url, headers: HeaderMap::new(), body: None };
        let call = call.header("accept-language", "en");
        match self.token() {
            Some(token) => call.header("authorization", &format!("Bearer {token}")),
            None => call,
        }
    }
}

impl Call {
    /// With another header, in place of one of that name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// With a JSON body.
    pub fn json(self, json: impl Serialize) -> Self {
        self.bytes("application/json", serde_json::to_vec(&json).unwrap())
    }

    /// With a form.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.bytes("application/x-www-form-urlencoded", form.into_bytes())
    }

    /// With these bytes for a body.
    pub fn bytes(mut self, content_type: &str, bytes: Vec<u8>) -> Self {
        self.body = Some(bytes);
        self.header("content-type", content_type)
    }

    async fn send(self) -> Answer {
        let request = self.client.request(self.method.clone(), &self.url).headers(self.headers);
        let request = match self.body {
            Some(body) => request.body(body),
            None => request,
        };
        let what = format!("{} {}", self.method, self.url);
        let response = request.timeout(Duration::from_secs(30)).send().await;
        let response = response.unwrap_or_else(|e| panic!("{what} was not answered: {e:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap_or_else(|e| panic!("the answer to {what} broke off: {e:?}"));
        Answer::new(what, status, headers, body.to_vec())
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
