//! What this service is told by its environment.

use authn::ServiceKey;
use limits::{Policy, Rate};
use settings::{Reader, SecretString};

/// Where everything is, and how much anybody may do.
pub struct Config {
    /// `DATABASE_URL`, `DATABASE_POOL`.
    pub db: db::Config,
    /// `AMQP_URL`: the broker.
    pub amqp_url: SecretString,
    /// `REDIS_URL`: where instances count together; without it each counts alone.
    pub redis_url: Option<SecretString>,
    /// `AUTH_ISSUER`, `AUTH_INTERNAL_URL`: whose tokens are accepted.
    pub authn: authn::Config,
    /// `CURSOR_SECRET`: signs the cursors of lists.
    pub cursor_secret: SecretString,
    /// `SERVICE_KEY`: what this service signs by.
    pub service_key: ServiceKey,
    /// `LIMIT_POSTS` (10/h): posts that one account may write.
    pub posts: Policy,
    /// `LIMIT_COMMENTS` (60/h): comments that one account may write.
    pub comments: Policy,
    /// `LIMIT_LIKES` (300/h): likes that one account may give.
    pub likes: Policy,
}

impl Config {
    /// Reads it, and notes all that is missing or wrong.
    pub fn read(env: &mut Reader) -> Self {
        Self {
            db: db::Config::read(env),
            amqp_url: env.required("AMQP_URL"),
            redis_url: env.optional("REDIS_URL"),
            authn: authn::Config::read(env),
            cursor_secret: env.required("CURSOR_SECRET"),
            service_key: ServiceKey::read(env, "posts"),
            posts: Policy::read(env, "posts", Rate::per_hour(10)),
            comments: Policy::read(env, "comments", Rate::per_hour(60)),
            likes: Policy::read(env, "likes", Rate::per_hour(300)),
        }
    }
}
