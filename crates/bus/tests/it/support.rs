//! Brokers, events and waiting.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use backing::{Plan, Ports, RabbitMq};
use bus::{Binding, Bus};
use contracts::{Envelope, EventId, Exchange};
use jiff::Timestamp;
use lapin::{Channel, Connection, ConnectionProperties};
use serde_json::json;
use settings::{ExposeSecret, SecretString};
use tokio::sync::Mutex as AsyncMutex;

/// A broker that ends with the last test that uses it.
#[derive(Clone)]
pub struct Broker(Arc<Running>);

struct Running {
    url: String,
    server: Server,
}

enum Server {
    Private { dir: PathBuf, epmd: u16, pid: u32 },
    Four(Child),
}

static INSTALLED: AsyncMutex<Weak<Running>> = AsyncMutex::const_new(Weak::new());
static FOUR: AsyncMutex<Weak<Running>> = AsyncMutex::const_new(Weak::new());

impl Broker {
    /// The broker of this machine's packages, shared by the tests that run now.
    pub async fn installed() -> Self {
        shared(&INSTALLED, async || Some(Self::own().await)).await.expect("a broker")
    }

    /// A broker of one test's own, to be killed and started again.
    pub async fn own() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("bus-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let dir = target().join("tests").join(name);
        let plan = plan(&dir);
        let server = RabbitMq::start(&plan, &()).await.expect("RabbitMQ");
        let pid = server.pid().expect("a private server");
        let url = server.url().expose_secret().to_owned();
        Self(Arc::new(Running { url, server: Server::Private { dir, epmd: plan.ports.epmd, pid } }))
    }

    /// RabbitMQ 4, shared by the tests that run now; none where its packages cannot be fetched.
    pub async fn four() -> Option<Self> {
        shared(&FOUR, async || {
            let script = target().parent().unwrap().join("deploy/rabbitmq4");
            let prepared = Command::new(&script).output().expect("deploy/rabbitmq4");
            if prepared.status.code() == Some(69) {
                println!("not tested on RabbitMQ 4: {}", String::from_utf8_lossy(&prepared.stderr));
                return None;
            }
            assert!(prepared.status.success(), "{}", String::from_utf8_lossy(&prepared.stderr));
            assert!(String::from_utf8_lossy(&prepared.stdout).starts_with("rabbitmq_server-4."), "{prepared:?}");
            let ports = Ports::free().expect("ports");
            let told = [ports.rabbitmq, ports.epmd, ports.erlang].map(|port| port.to_string());
            let quiet = || Stdio::from(std::fs::File::create(target().join("rabbitmq4").join("log")).unwrap());
            let mut command = Command::new(&script);
            command.arg("run").args(&told).stdin(Stdio::piped()).stdout(quiet()).stderr(quiet());
            let server = Server::Four(command.spawn().expect("RabbitMQ 4"));
            let url = format!("amqp://guest:guest@127.0.0.1:{}/%2f", ports.rabbitmq);
            let broker = Self(Arc::new(Running { url, server }));
            eventually(Duration::from_secs(60), async || broker.try_channel().await.is_some()).await;
            Some(broker)
        })
        .await
    }

    pub fn url(&self) -> SecretString {
        self.0.url.clone().into()
    }

    pub fn port(&self) -> u16 {
        self.0.url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap()
    }

    /// The same broker, reached at another port.
    pub fn url_at(&self, port: u16) -> SecretString {
        self.0.url.replace(&format!(":{}/", self.port()), &format!(":{port}/")).into()
    }

    pub fn bus(&self, service: &'static str) -> Bus {
        Bus::new(self.url(), service)
    }

    /// A bus whose service has its queue and these types.
    pub async fn serving(&self, service: &'static str, types: &[&str]) -> Bus {
        let bus = self.bus(service);
        let bindings: Vec<_> = types.iter().filter_map(|name| Binding::new(Exchange::Journaled, name)).collect();
        bus.declare(&bindings).await.expect("the topology");
        bus
    }

    /// A channel beside the bus.
    pub async fn channel(&self) -> Channel {
        self.try_channel().await.expect("a connection")
    }

    async fn try_channel(&self) -> Option<Channel> {
        let (url, properties) = (self.url(), ConnectionProperties::default());
        // At a broker that had ended, this once never returned.
        let connected = Connection::connect(url.expose_secret(), properties);
        let connection = tokio::time::timeout(Duration::from_secs(5), connected).await.ok()?.ok()?;
        // The channel keeps the connection.
        connection.create_channel().await.ok()
    }

    /// `kill -9`.
    pub fn kill(&self) {
        let Server::Private { pid, .. } = &self.0.server else { panic!("not this test's own") };
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill");
        assert!(killed.success());
    }

    /// Waits until the broker knows of its queues on disk: half a second after they were made it is not yet so.
    pub fn settle(&self) {
        self.eval("[dets:sync(T) || T <- dets:all()].");
    }

    /// Where a private broker keeps what it has.
    pub fn data(&self) -> PathBuf {
        let Server::Private { dir, .. } = &self.0.server else { panic!("not this test's own") };
        dir.join("rabbitmq/data/rabbit@localhost")
    }

    /// Starts it again after a `kill`, with what it had.
    pub async fn start_again(self) -> Self {
        let running = Arc::into_inner(self.0).expect("this test's own");
        let Server::Private { dir, .. } = &running.server else { panic!("not this test's own") };
        let mut plan = plan(dir);
        plan.ports = Ports::kept(dir).expect("ports");
        let server = RabbitMq::start(&plan, &()).await.expect("RabbitMQ");
        let (pid, dir) = (server.pid().expect("a private server"), dir.clone());
        let url = server.url().expose_secret().to_owned();
        std::mem::forget(running);
        Self(Arc::new(Running { url, server: Server::Private { dir, epmd: plan.ports.epmd, pid } }))
    }

    /// Has the broker evaluate an Erlang expression.
    pub fn eval(&self, expression: &str) {
        let Server::Private { dir, epmd, .. } = &self.0.server else { panic!("not this test's own") };
        let done = Command::new("/usr/lib/rabbitmq/bin/rabbitmqctl")
            .args(["--quiet", "--node", "rabbit@localhost", "eval", expression])
            .env("HOME", dir.join("rabbitmq"))
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("ERL_EPMD_PORT", epmd.to_string())
            .output()
            .expect("rabbitmqctl");
        assert!(done.status.success(), "{done:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        match &mut self.server {
            Server::Private { dir, .. } => {
                let dir = dir.clone();
                let stop = move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(backing::stop_all(&dir)).ok();
                    std::fs::remove_dir_all(&dir).ok();
                };
                std::thread::spawn(stop).join().ok();
            }
            Server::Four(child) => {
                drop(child.stdin.take());
                child.wait().ok();
            }
        }
    }
}

async fn shared(slot: &AsyncMutex<Weak<Running>>, start: impl AsyncFnOnce() -> Option<Broker>) -> Option<Broker> {
    let mut slot = slot.lock().await;
    if let Some(running) = slot.upgrade() {
        return Some(Broker(running));
    }
    let broker = start().await?;
    *slot = Arc::downgrade(&broker.0);
    Some(broker)
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").canonicalize().expect("the target folder")
}

fn plan(dir: &Path) -> Plan {
    Plan::new(dir, Ports::kept(dir).expect("ports"))
}

/// An event of a type that only one test uses.
pub fn event(event_type: &str, subject: &str, sequence: i64) -> Envelope {
    let now = Timestamp::now();
    Envelope {
        specversion: "1.0".into(),
        id: EventId::at(now),
        source: "/services/tests".into(),
        event_type: event_type.into(),
        subject: subject.into(),
        time: now,
        datacontenttype: "application/json".into(),
        dataschema: Envelope::schema_of(event_type),
        sequence,
        traceparent: None,
        actorid: None,
        correlationid: None,
        causationid: None,
        data: json!({}),
    }
}

/// Waits for a condition.
pub async fn eventually(within: Duration, condition: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < within, "still not so after {within:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What a test saw, in order.
#[derive(Clone)]
pub struct Seen<T>(Arc<Mutex<Vec<T>>>);

impl<T: Clone> Seen<T> {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn add(&self, one: T) {
        self.0.lock().unwrap().push(one);
    }

    pub fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Waits until there are so many.
    pub async fn wait_for(&self, count: usize, within: Duration) {
        eventually(within, async || self.count() >= count).await;
    }
}
