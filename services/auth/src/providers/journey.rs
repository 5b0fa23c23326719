//! What a browser carries to a provider and back: which journey it is on, signed with a key that signs nothing else.
//!
//! Nothing of it is kept here but that it came back. `state` is drawn; all other secrets follow from it and ours.

use contracts::{SessionId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use problem::Problem;
use problem::codes::INTERNAL;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use super::browser::{self, Browser};
use super::{callback_address, queries, rules};
use crate::codes::providers::STATE_INVALID;
use crate::ports::provider::{Provider, Tickets};
use crate::secrets::{Secrets, Token};
use crate::state::State;

/// What kind of token it is; no other is taken for it.
const TYPE: &str = "state+jwt";

/// What somebody sets out for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Where an application wants him sent back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// What the application will prove itself by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// Whose account the provider is to open from then on; nobody's where it is to open one now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
}

/// Somebody who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
}

/// A journey under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journey {
    /// The digest of its `state`.
    jti: String,
    exp: i64,
    provider: String,
    /// What for.
    #[serde(flatten)]
    pub wish: Wish,
}

/// Somebody about to go.
pub struct Departure {
    /// Where to.
    pub url: Url,
    /// The header by which his browser carries the journey along.
    pub cookie: String,
}

/// Sends somebody to a provider.
pub async fn depart(state: &State, provider: &Provider, wish: Wish) -> Result<Departure, Problem> {
    let token = Token::random()?;
    let name = &provider.config.name;
    let url = provider.authorization(&callback_address(&state.public_url, name), &tickets(state, &token)).await?;
    let exp = (state.clock.now() + rules::JOURNEY_WITHIN).as_second();
    let journey = Journey { jti: hex::encode(token.digest()), exp, provider: name.clone(), wish };
    Ok(Departure { url, cookie: browser::carry(&signed(&state.secrets, TYPE, &journey)?) })
}

/// The journey that somebody comes back from by `shown`, its `state`. It began in this browser, and comes back once.
pub async fn arrive(
    state: &State,
    provider: &str,
    browser: &Browser,
    shown: Option<&str>,
) -> Result<(Journey, Tickets), Problem> {
    let invalid = || Problem::new(&STATE_INVALID);
    let token = shown.and_then(Token::read).ok_or_else(invalid)?;
    let journey = browser.journey.as_deref().and_then(|text| read::<Journey>(&state.secrets, TYPE, text));
    let journey = journey.filter(|journey| journey.is_of(&token, provider, state.clock.now())).ok_or_else(invalid)?;
    let expires_at = Timestamp::from_second(journey.exp).map_err(|_| invalid())?;
    let mut conn = state.db.conn().await?;
    if !queries::come_back(&mut conn, &token.digest(), expires_at).await? {
        return Err(invalid());
    }
    drop(conn);
    Ok((journey, tickets(state, &token)))
}

/// The secrets of the journey with this `state`.
fn tickets(state: &State, token: &Token) -> Tickets {
    let of = |purpose| state.secrets.of_journey(token, purpose).show();
    Tickets { state: token.show(), nonce: of("nonce"), verifier: of("verifier") }
}

impl Journey {
    fn is_of(&self, token: &Token, provider: &str, now: Timestamp) -> bool {
        self.jti == hex::encode(token.digest()) && self.provider == provider && now.as_second() < self.exp
    }
}

/// A token of ours of this kind, by the key that signs nothing but what travels with browsers.
pub(super) fn signed(secrets: &Secrets, kind: &str, claims: &impl Serialize) -> Result<String, Problem> {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(kind.into());
    let signed = jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secrets.state_key()));
    signed.map_err(|e| Problem::new(&INTERNAL).because(e))
}

/// What such a token says. Its age is judged by our clock, not by that of the machine.
pub(super) fn read<T: DeserializeOwned>(secrets: &Secrets, kind: &str, text: &str) -> Option<T> {
    let mut signed_by_us = Validation::new(Algorithm::HS256);
    signed_by_us.required_spec_claims.clear();
    signed_by_us.validate_exp = false;
    signed_by_us.validate_aud = false;
    let key = DecodingKey::from_secret(secrets.state_key());
    let read = jsonwebtoken::decode::<T>(text, &key, &signed_by_us).ok()?;
    (read.header.typ.as_deref() == Some(kind)).then_some(read.claims)
}
