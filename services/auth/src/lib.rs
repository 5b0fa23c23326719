//! Accounts, sessions and keys: the one service that knows passwords and signs tokens. The others only verify.
//!
//! Whatever is written is told in the same transaction; what must be refused everywhere is kept until nothing needs it.
//! Start with [`routes`], then `accounts/mod.rs`, `sessions/mod.rs` and `keys/mod.rs`.

pub mod codes;
pub mod config;
pub mod state;

pub mod accounts;
pub mod administration;
pub mod challenges;
pub mod devices;
pub mod erasures;
pub mod events;
pub mod exports;
pub mod factors;
pub mod history;
pub mod identities;
pub mod jobs;
pub mod keys;
pub mod locks;
pub mod operate;
pub mod optional;
pub mod pace;
pub mod pass;
pub mod passkeys;
pub mod passwords;
pub mod ports;
pub mod providers;
pub mod revocations;
mod schema;
pub mod secrets;
pub mod sessions;
pub mod source;
pub mod subscriptions;
pub mod tiers;
pub mod tokens;
pub mod turns;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use authn::Verifier;
use bus::Bus;
use cache::Redis;
use db::Db;
use db::page::Cursors;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use limits::Limiter;
use server::{Definition, Error, InternalConfig, Service, ServiceConfig, Start};
use settings::{Reader, SecretString};
use tokio::sync::watch;
use utoipa::OpenApi;

use config::Config;
use keys::rotate::Rotation;
use keys::{Keyring, jwks, metadata};
use passkeys::RelyingParty;
use passwords::Hasher;
use providers::Providers;
use secrets::Secrets;
use source::OwnTables;
use state::State;
use subscriptions::Signers;
use turns::Turns;

pub use operate::{appoint_admin, rotate_keys};

/// How long the last events have to go out.
const FLUSH: Duration = Duration::from_secs(4);

/// The schema of the database, step by step.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// What this service is.
pub fn service() -> Definition {
    Definition {
        name: "auth",
        version: env!("CARGO_PKG_VERSION"),
        port: 5001,
        routes,
        document: Document::openapi,
        openapi: include_str!("../openapi.json"),
        build: |start| Box::pin(build(start)),
        migrate: |env| Box::pin(migrate(env)),
    }
}

/// Every route.
fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(accounts::register::register)
        .service(accounts::show_verify_email::show_verify_email)
        .service(accounts::verify_email::verify_email)
        .service(accounts::resend_verification::resend_verification)
        .service(accounts::forgot_password::forgot_password)
        .service(accounts::show_reset_password::show_reset_password)
        .service(accounts::reset_password::reset_password)
        .service(accounts::change_password::change_password)
        .service(accounts::change_email::change_email)
        .service(accounts::show_change_email::show_change_email)
        .service(accounts::confirm_change_email::confirm_change_email)
        .service(accounts::me::me)
        .service(accounts::claim_username::claim_username)
        .service(accounts::show_invitation::show_invitation)
        .service(accounts::accept_invitation::accept_invitation)
        .service(history::list::list)
        .service(erasures::request::request)
        .service(erasures::list::list)
        .service(erasures::show::show)
        .service(erasures::show_cancel::show_cancel)
        .service(erasures::cancel::cancel)
        .service(erasures::retry::retry)
        .service(exports::request::request)
        .service(exports::get::get)
        .service(exports::download::download)
        .service(subscriptions::show::show)
        .service(subscriptions::receive::receive)
        .service(jwks::jwks)
        .service(metadata::metadata);
    for_sessions(routes);
    for_factors(routes);
    for_providers(routes);
    for_administrators(routes);
}

/// How a session begins, goes on and ends, and what services have in its place.
fn for_sessions(routes: &mut ServiceConfig<'_>) {
    routes
        .service(sessions::login::login)
        .service(sessions::refresh::refresh)
        .service(sessions::logout::logout)
        .service(sessions::list::list)
        .service(sessions::revoke_all::revoke_all)
        .service(sessions::revoke::revoke)
        .service(sessions::step_up::step_up)
        .service(tokens::issue::issue)
        .service(tokens::introspect::introspect)
        .service(tokens::revoke::revoke);
}

/// What is shown beside a password, or in its place.
fn for_factors(routes: &mut ServiceConfig<'_>) {
    routes
        .service(challenges::verify::verify)
        .service(factors::show::show)
        .service(factors::enrol::enrol)
        .service(factors::confirm::confirm)
        .service(factors::disable::disable)
        .service(factors::renew_codes::renew_codes)
        .service(passkeys::options::options)
        .service(passkeys::register::register)
        .service(passkeys::list::list)
        .service(passkeys::rename::rename)
        .service(passkeys::remove::remove)
        .service(passkeys::login_options::login_options)
        .service(passkeys::login::login)
        .service(passkeys::factor_options::factor_options)
        .service(passkeys::factor::factor)
        .service(passkeys::step_up_options::step_up_options)
        .service(passkeys::step_up::step_up);
}

/// Signing in through others.
fn for_providers(routes: &mut ServiceConfig<'_>) {
    routes
        .service(providers::authorize::authorize_google)
        .service(providers::callback::callback_google)
        .service(providers::authorize::authorize)
        .service(providers::callback::callback)
        .service(providers::exchange::exchange)
        .service(identities::show_confirm::show_confirm)
        .service(identities::confirm::confirm)
        .service(identities::list::list)
        .service(identities::claim::claim)
        .service(identities::link::link)
        .service(identities::unlink::unlink);
}

/// What administrators alone may do.
fn for_administrators(routes: &mut ServiceConfig<'_>) {
    routes
        .service(administration::list::list)
        .service(administration::invite::invite)
        .service(administration::show::show)
        .service(administration::change::change)
        .service(administration::erase::erase)
        .service(administration::deactivate::deactivate)
        .service(administration::activate::activate)
        .service(administration::unlock::unlock)
        .service(administration::invite_again::invite_again)
        .service(administration::mail_reset::mail_reset)
        .service(administration::reset_mfa::reset_mfa)
        .service(administration::list_sessions::list_sessions)
        .service(administration::end_sessions::end_sessions)
        .service(administration::end_session::end_session);
}

/// What verifiers read, on the internal port.
fn internal(routes: &mut InternalConfig) {
    routes
        .route("/jwks", web::get().to(keys::internal::published))
        .route("/revocations", web::get().to(revocations::internal::living));
}

#[derive(OpenApi)]
#[openapi(
    info(title = "auth", description = "Accounts, sessions and keys."),
    tags((name = "auth", description = "Who may enter, and by what."))
)]
struct Document;

async fn build(start: Start) -> Result<Service, Error> {
    let Start { env, clock, stop } = start;
    let config = env.load(Config::read)?;
    let db = Db::open(&config.db, clock.clone()).await?;
    if !db::is_current(&db, MIGRATIONS).await? {
        return Err(Error::say("the database is of another version: run `auth migrate` first"));
    }
    let secrets = Secrets::new(&config.keys.secret);
    let rotation = Rotation { db: db.clone(), secrets: secrets.clone(), algorithm: config.keys.algorithm };
    let keyring = Keyring::default();
    let verifier = Verifier::with_keys(config.issuer.as_str(), rotation.keep_up(&keyring).await?);
    let now = clock.now();
    verifier.take_snapshot(&revocations::snapshot(&mut *db.conn().await?, None, now).await?, now);
    let passkeys = &config.passkeys;
    let relying_party = RelyingParty::new(&passkeys.rp_id, &passkeys.origins).map_err(Error::say)?;
    let redis = config.redis_url.as_ref().map(Redis::open).transpose()?;
    let state = State {
        db,
        verifier,
        keyring,
        service_keys: config.service_keys,
        secrets,
        cursors: Cursors::new(&config.cursor_secret),
        hasher: Hasher::new(config.passwords.scheme, config.passwords.permits)?,
        passwords: Arc::new(config.passwords.rules),
        relying_party,
        limiter: Limiter::new(redis, clock.clone()),
        turns: Turns::default(),
        providers: Providers::new(config.providers).map_err(|e| Error::say(format!("a provider's issuer: {e}")))?,
        policies: Arc::new(config.policies),
        public_url: Arc::new(config.public_url),
        issuer: config.issuer.into(),
        require_verified_email: config.require_verified_email,
        stripe: Signers::new(&config.billing.webhook_secrets),
        premium: Arc::new(config.billing.offer),
        service_key: config.service_key,
        erasure_grace: config.erasure_grace,
        clock,
    };
    Ok(assembled(Parts { state, rotation, bus: Bus::new(config.amqp_url, "auth"), stop }))
}

/// What the work beside the requests is made of.
#[derive(Clone)]
struct Parts {
    state: State,
    rotation: Rotation,
    bus: Bus,
    stop: watch::Receiver<bool>,
}

/// The parts, put together.
fn assembled(parts: Parts) -> Service {
    let (last, state) = (parts.clone(), parts.state.clone());
    Service::new(state.clone(), state.verifier.clone())
        .per_worker(move || State { db: state.db.here(), ..state.clone() })
        .needs("database", each(&parts, |own| async move { own.state.db.healthy().await }))
        .uses("broker", each(&parts, |own| async move { own.bus.connected() }))
        .task(
            "verifier",
            each(&parts, |own| {
                let source = OwnTables { rotation: own.rotation, keyring: own.state.keyring.clone() };
                own.state.verifier.keep_fresh_from(source, own.bus, own.state.clock, own.stop)
            }),
        )
        .task(
            "keys",
            each(&parts, |own| {
                jobs::keep_keys::keep_keys(own.rotation, own.state.keyring, own.state.verifier, own.stop)
            }),
        )
        .task("sweep", each(&parts, |own| jobs::sweep::sweep(own.state.db, own.stop)))
        .task("tiers", each(&parts, |own| jobs::settle_tiers::settle_tiers(own.state, own.stop)))
        .task("exports", each(&parts, |own| jobs::advance_exports::advance_exports(own.state.db, own.stop)))
        .task("limits", each(&parts, |own| own.state.limiter.reconcile(own.stop)))
        .task("relay", each(&parts, |own| outbox::relay(own.state.db, own.bus, own.state.clock, own.stop)))
        .task(
            "events",
            each(&parts, |own| {
                outbox::consumer(own.state.db.clone(), own.bus, events::subscriptions(), own.state, own.stop)
            }),
        )
        .task("erasures", each(&parts, |own| jobs::erase::erase(own.state, own.stop)))
        .task("announce", each(&parts, |own| gdpr::announce(own.state.db, own.state.service_key, own.stop)))
        .internal(internal)
        .own_lane("/api/v1/auth/refresh")
        .own_lane("/api/v1/auth/billing/stripe/webhook")
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
    Bus::new(amqp, "auth").declare(&events::subscriptions().bindings()).await?;
    Ok(())
}
