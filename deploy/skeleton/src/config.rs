//! What this service is told by its environment.

use authn::ServiceKey;
use settings::{Reader, SecretString};

/// Where everything is.
pub struct Config {
    /// `DATABASE_URL`, `DATABASE_POOL`.
    pub db: db::Config,
    /// `AMQP_URL`: the broker.
    pub amqp_url: SecretString,
    /// `AUTH_ISSUER`, `AUTH_INTERNAL_URL`: whose tokens are accepted.
    pub authn: authn::Config,
    /// `SERVICE_KEY`: what this service signs by.
    pub service_key: ServiceKey,
}

impl Config {
    /// Reads it, and notes all that is missing or wrong.
    pub fn read(env: &mut Reader) -> Self {
        Self {
            db: db::Config::read(env),
            amqp_url: env.required("AMQP_URL"),
            authn: authn::Config::read(env),
            service_key: ServiceKey::read(env, "skeleton-name"),
        }
    }
}
