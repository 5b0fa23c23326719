//! What every handler, event and job of this service shares.

use std::sync::Arc;

use authn::{ServiceKeys, Verifier};
use clock::Clock;
use db::Db;
use db::page::Cursors;
use limits::Limiter;
use url::Url;

use crate::config::Policies;
use crate::keys::Keyring;
use crate::passkeys::RelyingParty;
use crate::passwords::{Hasher, Rules};
use crate::providers::Providers;
use crate::secrets::Secrets;
use crate::subscriptions::{Offer, Signers};
use crate::turns::Turns;

/// Built once; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Judges tokens, this process's own among them.
    pub verifier: Verifier,
    /// Signs tokens.
    pub keyring: Keyring,
    /// Judges what services prove by their own keys.
    pub service_keys: ServiceKeys,
    /// Makes and seals secrets.
    pub secrets: Secrets,
    /// Where pages of lists begin.
    pub cursors: Cursors,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Judges passwords.
    pub passwords: Arc<Rules>,
    /// Asks for passkeys, and judges them.
    pub relying_party: RelyingParty,
    /// Counts.
    pub limiter: Limiter,
    /// One at a time for each token, link or account.
    pub turns: Turns,
    /// Where people may sign in beside here.
    pub providers: Providers,
    /// How much is counted as too much.
    pub policies: Arc<Policies>,
    /// Where people find the site.
    pub public_url: Arc<Url>,
    /// Who issues tokens.
    pub issuer: Arc<str>,
    /// Whether an address has to be proven before its owner may log in.
    pub require_verified_email: bool,
    /// What Stripe signs with.
    pub stripe: Signers,
    /// What gives PREMIUM, and how long it stays without a payment.
    pub premium: Arc<Offer>,
    /// What this service signs its receipts by.
    pub service_key: authn::ServiceKey,
    /// How long an erasure may be taken back.
    pub erasure_grace: jiff::SignedDuration,
}
