//! Signing in through providers.

mod authorize;
mod callback;
mod entrance;
pub mod exchange;
mod rules;

use testkit::Answer;
use url::Url;

use crate::support::TestApp;

/// Somebody on the way to a provider.
pub struct Gone {
    pub url: Url,
    pub cookie: String,
}

impl Gone {
    /// Whoever was answered so.
    pub fn by(answer: &Answer) -> Self {
        answer.has_status(200);
        let url = answer.json()["authorization_url"].as_str().unwrap().parse().unwrap();
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Self { url, cookie }
    }

    /// What the provider was told in the query.
    pub fn told(&self, name: &str) -> String {
        let pair = self.url.query_pairs().find(|(key, _)| key == name);
        pair.unwrap_or_else(|| panic!("{name} is not in {}", self.url)).1.into_owned()
    }
}

/// Sets out for Acme.
pub async fn goes(app: &TestApp, query: &str) -> Gone {
    Gone::by(&app.nobody().get(&format!("/auth/oauth/acme{query}")).await)
}
