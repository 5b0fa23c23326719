//! A database and a bus per test, and what a test does with them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use backing::{DatabaseSpec, Plan, Ports, Postgres, RabbitMq};
use bus::{Binding, Bus};
use clock::Clock;
use contracts::auth::{ContactChanged, Method, UserRegistered};
use contracts::{Envelope, Event, Exchange, Language, Tier, UserId};
use db::{Db, Tx, sql};
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use lapin::{Channel, Connection, ConnectionProperties};
use outbox::{Background, Halt, Received, Subscriptions};
use settings::{ExposeSecret, SecretString};
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

pub const SOON: Duration = Duration::from_secs(20);

/// One service: its database with the tables of this crate and one for effects, and its broker.
pub struct Service {
    pub name: &'static str,
    pub db: Db,
    pub clock: Clock,
    pub broker: Broker,
    pub bus: Bus,
    pub owner: SecretString,
    pub postgres: Postgres,
    stop: watch::Sender<bool>,
}

impl Service {
    /// A service on the servers that all tests share.
    pub async fn new(name: &'static str) -> Self {
        Self::on(&target().join("testkit"), Broker::shared().await.apart(name).await, name).await
    }

    /// A service whose PostgreSQL is below `dir`.
    pub async fn on(dir: &Path, broker: Broker, name: &'static str) -> Self {
        let spec = DatabaseSpec::new(name, name.replace('-', "_"));
        let mut plan = Plan::new(dir, Ports::kept(dir).expect("ports"));
        plan.databases = vec![spec];
        let postgres = Postgres::start(&plan, &()).await.expect("PostgreSQL");
        let owner = postgres.owner_url(name).expect("the owner");
        let setup = client(&owner).await;
        let gone = "DROP TABLE IF EXISTS inbox_sequences, inbox, outbox, outbox_sequences, effects";
        setup.batch_execute(gone).await.unwrap();
        for step in outbox::MIGRATIONS {
            setup.batch_execute(step.up).await.unwrap();
        }
        setup
            .batch_execute("CREATE TABLE effects (n bigserial, subject text NOT NULL, what text NOT NULL)")
            .await
            .unwrap();
        let clock = Clock::system();
        let config = db::Config { url: postgres.service_url(name).expect("the role"), pool: 8 };
        let db = Db::open(&config, clock.clone()).await.expect("the database");
        let bus = Bus::new(broker.url(), name);
        Self { name, db, clock, broker, bus, owner, postgres, stop: watch::channel(false).0 }
    }

    /// Its queue, bound to what it subscribes to.
    pub async fn declare(&self, subscriptions: &Subscriptions<Seen>) {
        self.bus.declare(&subscriptions.bindings()).await.expect("the topology");
    }

    /// A relay until it is dropped.
    pub fn relay(&self) -> Running {
        Running::new(outbox::relay(self.db.clone(), self.bus.clone(), self.clock.clone(), self.stop.subscribe()))
    }

    /// A consumer until it is dropped.
    pub fn consumer(&self, subscriptions: Subscriptions<Seen>, seen: &Seen) -> Running {
        let stop = self.stop.subscribe();
        Running::new(outbox::consumer(self.db.clone(), self.bus.clone(), subscriptions, seen.clone(), stop))
    }

    /// Emits events, each in a transaction of its own.
    pub async fn emit<E: Event>(&self, events: impl IntoIterator<Item = E>) {
        for event in events {
            self.db.tx(async |tx| outbox::emit(tx, &event).await).await.expect("an event");
        }
    }

    /// Effects in the order of their commits: subject and what.
    pub async fn effects(&self) -> Vec<(String, String)> {
        let mut conn = self.db.conn().await.expect("a connection");
        sql::<(Text, Text)>("SELECT subject, what FROM effects ORDER BY n").load(&mut *conn).await.expect("effects")
    }

    /// Waits until there are so many effects.
    pub async fn has_effects(&self, count: usize) -> Vec<(String, String)> {
        eventually(SOON, async || self.effects().await.len() >= count).await;
        self.effects().await
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        let mut conn = self.db.conn().await.expect("a connection");
        sql::<BigInt>(query).get_result(&mut *conn).await.expect("a count")
    }

    pub async fn waiting(&self) -> i64 {
        self.count("SELECT count(*) FROM outbox WHERE published_at IS NULL").await
    }

    /// As its owner.
    pub async fn execute(&self, statements: &str) {
        client(&self.owner).await.batch_execute(statements).await.unwrap();
    }
}

/// A future that runs until this is dropped.
pub struct Running(JoinHandle<()>);

impl Running {
    pub fn new(work: Background) -> Self {
        Self(tokio::spawn(work))
    }

    /// Ends it wherever it is, as `kill -9` would; answers once it has ended.
    pub async fn kill(mut self) {
        self.0.abort();
        let _ = (&mut self.0).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection beside everything.
pub async fn client(url: &SecretString) -> Client {
    let (client, driver) = tokio_postgres::connect(url.expose_secret(), NoTls).await.expect("a connection");
    tokio::spawn(driver);
    client
}

/// A broker that ends with the last test that uses it.
#[derive(Clone)]
pub struct Broker {
    server: Arc<Server>,
    url: String,
}

struct Server {
    dir: PathBuf,
    epmd: u16,
    rabbitmq: RabbitMq,
}

static SHARED: AsyncMutex<Weak<Server>> = AsyncMutex::const_new(Weak::new());

impl Broker {
    pub async fn shared() -> Self {
        let mut slot = SHARED.lock().await;
        if let Some(server) = slot.upgrade() {
            return Self::of(server);
        }
        let broker = Self::own("shared").await;
        *slot = Arc::downgrade(&broker.server);
        broker
    }

    fn of(server: Arc<Server>) -> Self {
        Self { url: server.rabbitmq.url().expose_secret().to_owned(), server }
    }

    /// The same broker, where nobody else's messages are.
    pub async fn apart(mut self, name: &str) -> Self {
        self.url = self.server.rabbitmq.vhost(name).await.expect("a virtual host").expose_secret().to_owned();
        self
    }

    /// A broker of one test's own.
    pub async fn own(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self::start(&target().join("tests").join(format!("outbox-{name}-{}-{}", unique.0, unique.1))).await
    }

    async fn start(dir: &Path) -> Self {
        let plan = Plan::new(dir, Ports::kept(dir).expect("ports"));
        let rabbitmq = RabbitMq::start(&plan, &()).await.expect("RabbitMQ");
        Self::of(Arc::new(Server { dir: dir.to_owned(), epmd: plan.ports.epmd, rabbitmq }))
    }

    pub fn url(&self) -> SecretString {
        self.url.clone().into()
    }

    pub fn port(&self) -> u16 {
        self.url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap()
    }

    /// The same broker, reached at another port.
    pub fn url_at(&self, port: u16) -> SecretString {
        self.url.replace(&format!(":{}/", self.port()), &format!(":{port}/")).into()
    }

    /// `kill -9`, once the broker knows of its queues on disk: half a second after they were made it is not yet so.
    pub fn kill(&self) {
        let synced = Command::new("/usr/lib/rabbitmq/bin/rabbitmqctl")
            .args(["--quiet", "--node", "rabbit@localhost", "eval", "[dets:sync(T) || T <- dets:all()]."])
            .env("HOME", self.server.dir.join("rabbitmq"))
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("ERL_EPMD_PORT", self.server.epmd.to_string())
            .output()
            .expect("rabbitmqctl");
        assert!(synced.status.success(), "{synced:?}");
        let pid = self.server.rabbitmq.pid().expect("a private server");
        assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    }

    /// Starts it again with what it had.
    pub async fn start_again(&self) -> Self {
        Self::start(&self.server.dir).await
    }

    /// A channel beside the bus.
    pub async fn channel(&self) -> Channel {
        let connection =
            Connection::connect(self.url().expose_secret(), ConnectionProperties::default()).await.unwrap();
        connection.create_channel().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let dir = self.dir.clone();
        let stop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(backing::stop_all(&dir)).ok();
            std::fs::remove_dir_all(&dir).ok();
        };
        std::thread::spawn(stop).join().ok();
    }
}

pub fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").canonicalize().expect("the target folder")
}

/// Waits for a condition.
pub async fn eventually(within: Duration, condition: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < within, "still not so after {within:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The state of handlers: what they saw, whether or not they committed.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    pub fn add(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Notes an effect in the handler's transaction.
pub async fn effect(tx: &mut Tx, subject: &str, what: &str) -> Result<(), Halt> {
    let note = sql::<()>("INSERT INTO effects (subject, what) VALUES ($1, $2)").bind::<Text, _>(subject);
    note.bind::<Text, _>(what).execute(&mut **tx).await.map_err(db::Error::from)?;
    Ok(())
}

pub async fn on_registered(tx: &mut Tx, seen: &Seen, event: &Received<UserRegistered>) -> Result<(), Halt> {
    seen.add(event.data.user_id.to_string());
    effect(tx, &event.data.user_id.to_string(), &format!("registered {}", event.sequence)).await
}

pub async fn on_contact(tx: &mut Tx, seen: &Seen, event: &Received<ContactChanged>) -> Result<(), Halt> {
    seen.add(format!("{} {}", event.data.user_id, event.data.version));
    effect(tx, &event.data.user_id.to_string(), &format!("contact {}", event.data.version)).await
}

/// Both, with those handlers.
pub fn subscriptions(service: &'static str) -> Subscriptions<Seen> {
    Subscriptions::new(service).on::<UserRegistered>(on_registered).on::<ContactChanged>(on_contact)
}

pub fn user(n: u64) -> UserId {
    UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

pub fn registered(n: u64) -> UserRegistered {
    UserRegistered { user_id: user(n), method: Method::Password, locale: Language::Fr, tier: Tier::Free }
}

pub fn contact(n: u64, version: i64) -> ContactChanged {
    ContactChanged {
        user_id: user(n),
        email: format!("v{version}@example.org"),
        email_verified: false,
        username: None,
        full_name: None,
        picture_url: None,
        locale: Language::Fr,
        version,
    }
}

/// The envelopes in the outbox, in the order of their writing.
pub async fn envelopes(service: &Service) -> Vec<Envelope> {
    let rows = client(&service.owner).await.query("SELECT envelope::text FROM outbox ORDER BY position", &[]).await;
    rows.unwrap().iter().map(|row| serde_json::from_str(row.get(0)).expect("an envelope")).collect()
}

/// A queue that keeps a copy of everything of these types, as it was on the wire.
pub async fn wiretap(service: &Service, tap: &'static str, types: &[&str]) -> Bus {
    let bus = Bus::new(service.broker.url(), tap);
    let bindings: Vec<_> = types.iter().filter_map(|name| Binding::new(Exchange::Journaled, name)).collect();
    bus.declare(&bindings).await.expect("the topology");
    bus
}
