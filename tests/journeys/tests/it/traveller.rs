//! A browser that goes to a provider and comes back: it keeps cookies, and goes where it is sent.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::RequestBuilder;
use serde_json::Value;
use url::Url;

use crate::fleet::Fleet;
use crate::person::{Answer, Person, send};
use crate::provider::Someone;

/// Those of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// What [`VERIFIER`] makes.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A browser. It keeps each site's cookies apart.
pub struct Browser<'f> {
    fleet: &'f Fleet,
    jars: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl<'f> Browser<'f> {
    /// One that was nowhere yet.
    pub fn new(fleet: &'f Fleet) -> Self {
        Self { fleet, jars: Mutex::default() }
    }

    /// Asks one thing of a site, and keeps the cookies that it gives.
    pub async fn ask(&self, url: &Url, request: RequestBuilder) -> Answer {
        let site = url.authority().to_owned();
        let cookies = self.jars.lock().unwrap().get(&site).map(|jar| {
            let pairs: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            pairs.join("; ")
        });
        let answer = send(request.header("cookie", cookies.unwrap_or_default())).await;
        let mut jars = self.jars.lock().unwrap();
        let jar = jars.entry(site).or_default();
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Opens an address.
    pub async fn get(&self, url: &str) -> Answer {
        let parsed = Url::parse(url).unwrap();
        self.ask(&parsed, self.fleet.http.get(url)).await
    }

    /// Signs in at the provider's page as somebody; answers where the provider sends him back to.
    pub async fn through(&self, authorization: &Answer, who: &Someone) -> Url {
        let address = authorization.json()["authorization_url"].as_str().unwrap().to_owned();
        let mut here = Url::parse(&address).unwrap();
        here.query_pairs_mut().append_pair("login_hint", &who.hint());
        let home = self.fleet.url("/api/v1/auth/");
        for _ in 0..10 {
            let answer = self.get(here.as_str()).await;
            let there = answer.header("location");
            assert!(!there.is_empty(), "{} is where it ends: {} {}", here, answer.status, answer.text);
            here = here.join(there).unwrap();
            if here.as_str().starts_with(&home) {
                return here;
            }
        }
        panic!("sent about without end: {here}");
    }

    /// Sets out, signs in, and is on the doorstep again.
    pub async fn returns(&self, path: &str, who: &Someone) -> Url {
        let authorization = self.get(&self.fleet.url(path)).await.is(200);
        self.through(&authorization, who).await
    }

    /// The whole way.
    pub async fn signs_in(&self, path: &str, who: &Someone) -> Answer {
        let back = self.returns(path, who).await;
        self.get(back.as_str()).await
    }
}

/// Whose session an answer opened.
pub fn session<'f>(fleet: &'f Fleet, answer: &Answer) -> Person<'f> {
    let session = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Person {
        id: text(&session["user"]["id"]),
        access: text(&session["access_token"]),
        refresh: text(&session["refresh_token"]),
        ..Person::without_account(fleet, text(&session["user"]["email"]))
    }
}

/// The value of one pair in an address.
pub fn pair(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The address with another value for one pair, or without it.
pub fn with(url: &Url, name: &str, value: Option<&str>) -> String {
    let mut other = url.clone();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    other.query_pairs_mut().clear().extend_pairs(pairs).extend_pairs(value.map(|value| (name, value)));
    other.to_string()
}
