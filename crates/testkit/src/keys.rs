//! The keys of services in tests: drawn once in this process for each name, so that whoever asks has the same.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use authn::{JwkSet, ServiceKey};

static DRAWN: LazyLock<Mutex<BTreeMap<String, String>>> = LazyLock::new(Mutex::default);

/// The private key of a service, as its `SERVICE_KEY` holds it.
pub(crate) fn private(service: &str) -> String {
    let mut drawn = DRAWN.lock().unwrap();
    drawn.entry(service.to_owned()).or_insert_with(|| ServiceKey::draw().unwrap()).clone()
}

/// The key of a service, to prove something in its name.
pub fn service_key(service: &str) -> ServiceKey {
    ServiceKey::of(service, &private(service)).unwrap()
}

/// What `AUTH_SERVICE_KEYS` says where these are the services.
pub fn service_keys(services: &[&str]) -> String {
    let keys = services.iter().map(|service| service_key(service).public().unwrap()).collect();
    serde_json::to_string(&JwkSet { keys }).unwrap()
}
