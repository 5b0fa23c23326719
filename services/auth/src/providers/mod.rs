//! Signing in through providers such as Google: the way there, the way back, and what an application gets for it.
//!
//! Whoever comes back set out from the same browser less than ten minutes ago, and comes back once. People are sent back
//! to addresses that configuration lists and to no others. Start with [`authorize`], then [`callback`].

pub mod authorize;
pub mod callback;
pub mod exchange;

pub mod browser;
pub mod entrance;
pub mod journey;
pub mod landing;
pub mod queries;
pub mod row;
pub mod rules;
pub mod ticket;

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::UserId;
use db::{Connection, Tx};
use jiff::Timestamp;
use problem::Problem;
use problem::codes::NOT_FOUND;
use url::Url;

use crate::config::ProvidersConfig;
use crate::ports::provider::Provider;
use crate::state::State;

/// Those that configuration names, and where people may be sent back to. Clones share them.
#[derive(Clone, Default)]
pub struct Providers(Arc<Known>);

#[derive(Default)]
struct Known {
    all: BTreeMap<String, Provider>,
    redirect_uris: Vec<String>,
}

impl Providers {
    /// Those of this configuration.
    pub fn new(config: ProvidersConfig) -> Result<Self, url::ParseError> {
        let named = |config: crate::config::ProviderConfig| Ok((config.name.clone(), Provider::new(config)?));
        let all = config.all.into_iter().map(named).collect::<Result<_, url::ParseError>>()?;
        Ok(Self(Arc::new(Known { all, redirect_uris: config.redirect_uris })))
    }

    /// The one of that name; to us there are no others.
    pub fn named(&self, name: &str) -> Result<&Provider, Problem> {
        self.0.all.get(name).ok_or_else(|| Problem::new(&NOT_FOUND))
    }

    /// What people call the one of that name, though it may be gone.
    pub fn title<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.all.get(name).map_or(name, |provider| provider.config.title.as_str())
    }

    /// The addresses of those that there are, as they stand in their tokens.
    pub fn issuers(&self) -> Vec<String> {
        self.0.all.values().map(|provider| provider.config.issuer.clone()).collect()
    }

    /// Where people may be sent back to.
    pub fn redirect_uris(&self) -> &[String] {
        &self.0.redirect_uris
    }
}

/// Where people set out for a provider. Google has a path of its own.
pub fn departure_address(public_url: &Url, provider: &str) -> String {
    let site = public_url.as_str().trim_end_matches('/');
    match provider {
        rules::GOOGLE => format!("{site}/api/v1/auth/google"),
        other => format!("{site}/api/v1/auth/oauth/{other}"),
    }
}

/// Where a provider sends people back to.
pub fn callback_address(public_url: &Url, provider: &str) -> String {
    format!("{}/callback", departure_address(public_url, provider))
}

/// A journey of somebody who wants an account entered: where to go, and what the browser takes along.
pub async fn set_out(state: &State, provider: &str, wish: journey::Wish) -> Result<journey::Departure, Problem> {
    let provider = state.providers.named(provider)?;
    journey::depart(state, provider, wish).await
}

/// Deletes up to `most` journeys that were over before `returns_before`, then codes that were before `before`; says how
/// many of both.
pub async fn sweep(
    conn: &mut Connection,
    returns_before: Timestamp,
    before: Timestamp,
    most: i64,
) -> db::Result<usize> {
    let journeys = queries::sweep_returns(conn, returns_before, most).await?;
    Ok(journeys.max(queries::sweep_codes(conn, before, most).await?))
}

/// Makes the codes void that open an account, which is locked: as if they had been shown.
pub async fn void_codes(tx: &mut Tx, user: UserId) -> db::Result<()> {
    let now = tx.now();
    queries::void_codes(tx, user, now).await
}
