//! The service under test, served for real.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::time::Duration;

use clock::Clock;
use contracts::{Role, UserId};
use db::Db;
use jiff::Timestamp;
use reqwest::Client;
use server::{Error, Options, Running, Start};
use settings::{ExposeSecret, Reader};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::actor::Line;
use crate::database::Database;
use crate::tokens::{ISSUER, Signer};
use crate::{Actor, Subject, keys};

/// Where apps live: longer than any test, so that each can be ended in order.
static HOME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread().worker_threads(2).thread_name("testkit").enable_all().build().unwrap()
});

/// When every test begins: a Tuesday at half past ten in Paris, in winter.
const BEGIN: Timestamp = Timestamp::constant(1_768_296_600, 0);
/// Nobody listens there.
const NOWHERE: &str = "127.0.0.1:1";

/// The service under test, on a database of its own. Clones are one app; the last one dropped ends it.
pub struct TestApp<S: Subject> {
    /// The time, which stands still until a test moves it.
    pub clock: Clock,
    inner: Arc<Inner<S>>,
}

struct Inner<S: Subject> {
    state: Arc<S::State>,
    db: Db,
    line: Line,
    internal: String,
    end: Mutex<Option<(Running, Database)>>,
}

impl<S: Subject> Clone for TestApp<S> {
    fn clone(&self) -> Self {
        Self { clock: self.clock.clone(), inner: self.inner.clone() }
    }
}

impl<S: Subject> TestApp<S> {
    /// A service that nobody has used yet.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with variables of this test's own, such as the address of a stand-in.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        at_home(
            async move { serve::<S>(variables).await.unwrap_or_else(|e| panic!("the service does not start: {e}")) },
        )
        .await
    }

    /// A service and two people who use it, ada and bob.
    pub async fn with_two_users() -> (Self, Actor, Actor) {
        let app = Self::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        (app, ada, bob)
    }

    /// Somebody who is signed in. One name is one person.
    pub async fn user(&self, name: &str) -> Actor {
        self.signed_in(name, &[Role::User]).await
    }

    /// A coach.
    pub async fn coach(&self, name: &str) -> Actor {
        self.signed_in(name, &[Role::User, Role::Coach]).await
    }

    /// An administrator, who signed in with a second factor a moment ago.
    pub async fn admin(&self, name: &str) -> Actor {
        self.signed_in(name, &[Role::User, Role::Admin]).await.with_second_factor()
    }

    /// Somebody with these roles.
    pub async fn signed_in(&self, name: &str, roles: &[Role]) -> Actor {
        let id = id_of(name);
        S::meet(self.state(), id).await;
        Actor::signed_in(self.inner.line.clone(), name, id, roles)
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Actor {
        Actor::nobody(self.inner.line.clone())
    }

    /// Somebody who sends this token, whatever it is.
    pub fn actor(&self, name: &str, id: UserId, token: impl Into<String>) -> Actor {
        Actor::known_by(self.inner.line.clone(), name, id, token.into())
    }

    /// The service's state, to call its jobs by hand.
    pub fn state(&self) -> &S::State {
        &self.inner.state
    }

    /// The service's database, by its own role.
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// Where the service listens: `http://127.0.0.1:…`.
    pub fn url(&self) -> &str {
        &self.inner.line.base
    }

    /// Where its internal port is.
    pub fn internal_url(&self) -> &str {
        &self.inner.internal
    }

    /// Runs `work` as the service's own background work runs: on its runtime.
    pub async fn background<F>(&self, work: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        at_home(work).await
    }
}

/// The same id for the same name, in every test.
fn id_of(name: &str) -> UserId {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, name.as_bytes());
    let random = digest.as_ref().first_chunk().copied().unwrap_or_default();
    let millis = u64::try_from(BEGIN.as_millisecond()).unwrap_or(0);
    UserId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

async fn at_home<F>(work: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    match HOME.spawn(work).await {
        Ok(done) => done,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

async fn serve<S: Subject>(variables: Vec<(String, String)>) -> Result<TestApp<S>, Error> {
    let definition = S::definition();
    let database = Database::of::<S>().await?;
    let clock = Clock::fixed(BEGIN);
    let (stop, stopped) = watch::channel(false);
    let mut env = environment::<S>(&database, variables);
    let workers = env.or("WORKERS", 1);
    let service = (definition.build)(Start { env, clock: clock.clone(), stop: stopped }).await?.without_tasks();
    let service = if S::SIGNS { service } else { service.verified_by(Signer::ours().verifier()) };
    let state = service.state::<S::State>().ok_or_else(|| Error::say("its state is of another type"))?;
    let db = Db::open(&db::Config { url: database.url.clone(), pool: 4 }, clock.clone()).await?;
    let options = Options {
        public: ([127, 0, 0, 1], 0).into(),
        internal: ([127, 0, 0, 1], 0).into(),
        sockets: None,
        workers,
        in_flight: 256,
        drain_wait: Duration::ZERO,
        travels: false,
        metrics: None,
    };
    let running = server::start(definition, service, options, clock.clone(), stop)?;
    let (base, internal) = (format!("http://{}", running.public), format!("http://{}", running.internal));
    let line = Line { client: client()?, base, clock: clock.clone() };
    let end = Mutex::new(Some((running, database)));
    Ok(TestApp { clock, inner: Arc::new(Inner { state, db, line, internal, end }) })
}

#[expect(clippy::disallowed_methods, reason = "a client that redirects nowhere, to see what a service answers")]
fn client() -> Result<Client, Error> {
    Ok(Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?)
}

fn environment<S: Subject>(database: &Database, own: Vec<(String, String)>) -> Reader {
    let own_key = keys::private(S::definition().name);
    let known = [
        ("ENVIRONMENT", "local".to_owned()),
        ("DATABASE_URL", database.url.expose_secret().to_owned()),
        ("DATABASE_OWNER_URL", database.owner_url.expose_secret().to_owned()),
        ("DATABASE_POOL", "12".to_owned()),
        ("AMQP_URL", format!("amqp://{NOWHERE}")),
        ("AUTH_URL", format!("http://{NOWHERE}")),
        ("AUTH_INTERNAL_URL", format!("http://{NOWHERE}")),
        ("AUTH_ISSUER", ISSUER.to_owned()),
        ("PUBLIC_URL", "http://127.0.0.1:8080".to_owned()),
        ("CURSOR_SECRET", "a secret that only tests have, 32+".to_owned()),
        ("SERVICE_KEY", own_key),
    ];
    let known = known.into_iter().chain(S::variables()).map(|(name, value)| (name.to_owned(), value));
    let all: BTreeMap<String, String> = known.chain(own).collect();
    Reader::from_pairs(all)
}

impl<S: Subject> Drop for Inner<S> {
    fn drop(&mut self) {
        let Some((running, database)) = self.end.get_mut().ok().and_then(Option::take) else { return };
        let (done, end) = mpsc::channel();
        HOME.spawn(async move {
            running.stop().await;
            database.remove().await;
            // The test may have stopped waiting.
            let _ = done.send(());
        });
        // A test that ends badly is not to hang as well.
        let _ = end.recv_timeout(Duration::from_secs(30));
    }
}
