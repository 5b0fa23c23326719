//! skeleton-name: what it owns, in one sentence.
//!
//! What always holds here. Start with [`routes`], then `entries/mod.rs`.

pub mod codes;
pub mod config;
pub mod state;

pub mod entries;
pub mod events;
pub mod exports;
mod schema;

use std::time::Duration;

use authn::Verifier;
use bus::Bus;
use db::Db;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use server::{Definition, Error, Service, ServiceConfig, Start};
use settings::{Reader, SecretString};
use tokio::sync::watch;
use utoipa::OpenApi;

use config::Config;
use state::State;

/// How long the last events have to go out.
const FLUSH: Duration = Duration::from_secs(4);

/// The schema of the database, step by step.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// What this service is.
pub fn service() -> Definition {
    Definition {
        name: "skeleton-name",
        version: env!("CARGO_PKG_VERSION"),
        port: 5999,
        routes,
        document: Document::openapi,
        openapi: include_str!("../openapi.json"),
        build: |start| Box::pin(build(start)),
        migrate: |env| Box::pin(migrate(env)),
    }
}

/// Every route.
fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(entries::create::create).service(entries::get::get);
}

#[derive(OpenApi)]
#[openapi(
    info(title = "skeleton-name", description = "What it owns, in one sentence."),
    tags((name = "skeleton-name", description = "What people write here."))
)]
struct Document;

async fn build(start: Start) -> Result<Service, Error> {
    let Start { env, clock, stop } = start;
    let config = env.load(Config::read)?;
    let db = Db::open(&config.db, clock.clone()).await?;
    if !db::is_current(&db, MIGRATIONS).await? {
        return Err(Error::say("the database is of another version: run `skeleton-name migrate` first"));
    }
    let (bus, verifier) = (Bus::new(config.amqp_url, "skeleton-name"), Verifier::new(config.authn));
    let state = State { db, clock, service_key: config.service_key };
    Ok(assembled(Parts { state, verifier, bus, stop }))
}

/// What the work beside the requests is made of.
#[derive(Clone)]
struct Parts {
    state: State,
    verifier: Verifier,
    bus: Bus,
    stop: watch::Receiver<bool>,
}

/// The parts, put together.
fn assembled(parts: Parts) -> Service {
    let last = parts.clone();
    Service::new(parts.state.clone(), parts.verifier.clone())
        .needs("database", each(&parts, |own| async move { own.state.db.healthy().await }))
        .uses("broker", each(&parts, |own| async move { own.bus.connected() }))
        .task("keys", each(&parts, |own| own.verifier.keep_fresh(own.bus, own.state.clock, own.stop)))
        .task("relay", each(&parts, |own| outbox::relay(own.state.db, own.bus, own.state.clock, own.stop)))
        .task(
            "events",
            each(&parts, |own| {
                outbox::consumer(own.state.db.clone(), own.bus, events::subscriptions(), own.state, own.stop)
            }),
        )
        .task("announce", each(&parts, |own| gdpr::announce(own.state.db, own.state.service_key, own.stop)))
        .flush(async move {
            outbox::flush(&last.state.db, &last.bus, FLUSH).await;
        })
}

/// A function that makes something of the parts each time it is called.
fn each<R>(parts: &Parts, make: fn(Parts) -> R) -> impl Fn() -> R + Send + Sync + use<R> {
    let parts = parts.clone();
    move || make(parts.clone())
}

async fn migrate(env: Reader) -> Result<(), Error> {
    let (owner, amqp): (SecretString, SecretString) =
        env.load(|env| (env.required("DATABASE_OWNER_URL"), env.required("AMQP_URL")))?;
    db::migrate(&owner, MIGRATIONS).await?;
    Bus::new(amqp, "skeleton-name").declare(&events::subscriptions().bindings()).await?;
    Ok(())
}
