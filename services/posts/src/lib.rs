//! Posts: what people write, comment and like. Who they are is auth's and users'.
//!
//! A post's row carries its counters; each change is one transaction with its event. Start with [`routes`], then
//! `posts/mod.rs`.

pub mod codes;
pub mod config;
pub mod quotas;
pub mod state;

pub mod authors;
pub mod comments;
pub mod erasure;
pub mod events;
pub mod exports;
pub mod jobs;
pub mod likes;
pub mod posts;
mod schema;

use std::time::Duration;

use authn::Verifier;
use bus::Bus;
use cache::Redis;
use db::Db;
use db::page::Cursors;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use limits::Limiter;
use server::{Definition, Error, Service, ServiceConfig, Start};
use settings::{Reader, SecretString};
use tokio::sync::watch;
use utoipa::OpenApi;

use config::Config;
use likes::Batches;
use quotas::Quotas;
use state::State;

/// How long the last events have to go out.
const FLUSH: Duration = Duration::from_secs(4);

/// The schema of the database, step by step.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// What this service is.
pub fn service() -> Definition {
    Definition {
        name: "posts",
        version: env!("CARGO_PKG_VERSION"),
        port: 5003,
        routes,
        document: Document::openapi,
        openapi: include_str!("../openapi.json"),
        build: |start| Box::pin(build(start)),
        migrate: |env| Box::pin(migrate(env)),
    }
}

/// Every route. A request is compared with one after the other: what is asked for most often comes first.
fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(posts::list::list)
        .service(posts::get::get)
        .service(likes::set::set)
        .service(likes::set::set_by_post)
        .service(likes::unset::unset)
        .service(posts::create::create)
        .service(posts::update::update)
        .service(posts::delete::delete)
        .service(posts::list_revisions::list_revisions)
        .service(likes::list::list)
        .service(comments::create::create)
        .service(comments::list::list)
        .service(comments::update::update)
        .service(comments::delete::delete);
}

#[derive(OpenApi)]
#[openapi(
    info(title = "posts", description = "Posts, comments and likes."),
    tags(
        (name = "posts", description = "What people write."),
        (name = "likes", description = "Who likes it."),
        (name = "comments", description = "What is said about it, in threads."),
    )
)]
struct Document;

async fn build(start: Start) -> Result<Service, Error> {
    let Start { env, clock, stop } = start;
    let config = env.load(Config::read)?;
    let db = Db::open(&config.db, clock.clone()).await?;
    if !db::is_current(&db, MIGRATIONS).await? {
        return Err(Error::say("the database is of another version: run `posts migrate` first"));
    }
    let redis = config.redis_url.as_ref().map(Redis::open).transpose()?;
    let limiter = Limiter::new(redis, clock.clone());
    let quotas = Quotas::new(limiter.clone(), [config.posts, config.comments, config.likes]);
    let (cursors, service_key) = (Cursors::new(&config.cursor_secret), config.service_key);
    let likes = Batches::default();
    let state = State { db, likes, clock, cursors, quotas, service_key };
    let (bus, verifier) = (Bus::new(config.amqp_url, "posts"), Verifier::new(config.authn));
    Ok(assembled(Parts { state, limiter, verifier, bus, stop }))
}

/// What the work beside the requests is made of.
#[derive(Clone)]
struct Parts {
    state: State,
    limiter: Limiter,
    verifier: Verifier,
    bus: Bus,
    stop: watch::Receiver<bool>,
}

/// The parts, put together.
fn assembled(parts: Parts) -> Service {
    let (last, state) = (parts.clone(), parts.state.clone());
    Service::new(parts.state.clone(), parts.verifier.clone())
        .per_worker(move || State { db: state.db.here(), ..state.clone() })
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
        .task("quotas", each(&parts, |own| own.limiter.reconcile(own.stop)))
        .task("jobs", each(&parts, |own| jobs::run(own.state, own.stop)))
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
    Bus::new(amqp, "posts").declare(&events::subscriptions().bindings()).await?;
    Ok(())
}
