//! From a bearer token to an [`Identity`], or a Problem; keeps keys and revocations fresh.
//!
//! [`Verifier::verify`] is synchronous and reads snapshots that are swapped whole, so nothing on a request's way waits
//! for auth. The key is the one whose id the token names among those auth published, the algorithm is the key's and
//! never the token's word, and nothing in a token makes anybody fetch anything. Start with [`Verifier`].

mod cache;
mod claims;
mod compact;
mod config;
mod follow;
mod identity;
mod keys;
pub mod refusals;
mod revoked;
mod schedule;
mod service_keys;
mod verifier;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;

pub use claims::{AUDIENCE, Claims, LIFETIME, SERVICE_LIFETIME, SERVICE_TOKEN_TYPE, ServiceClaims, TOKEN_TYPE};
pub use config::Config;
pub use follow::Source;
pub use identity::{Identity, SECOND_FACTOR, ServiceIdentity};
pub use keys::{Algorithm, Jwk, JwkSet, Keys, UnreadableKeys};
pub use refusals::{LOGIN_URL, RECENT, missing, second_factor, step_up};
pub use revoked::Snapshot;
pub use service_keys::{ServiceKey, ServiceKeys, Unproven, UnreadableKey, Unsigned};
pub use verifier::Verifier;

/// Work that runs beside the requests until it is told to stop.
pub type Background = Pin<Box<dyn Future<Output = ()> + Send>>;
