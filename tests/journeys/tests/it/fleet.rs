//! The fleet under test: started once by the launcher, known by its state file.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use serde::Deserialize;
use tokio::task::AbortHandle;

use crate::variables::VARIABLES;
use crate::{provider, wait};

/// The ports of gateway and services, public and internal, and of the provider, before they are shifted.
const PORTS: [u16; 12] = [8080, 5001, 5002, 5003, 5010, 18080, 15001, 15002, 15003, 15010, 9090, 9091];

/// A running fleet.
pub struct Fleet {
    /// For requests; keeps connections, never follows redirects.
    pub http: reqwest::Client,
}

/// The state file: what runs where.
#[derive(Debug, Deserialize)]
pub struct State {
    pub gateway: Part,
    pub services: BTreeMap<String, Part>,
    pub servers: BTreeMap<String, Part>,
    pub mail_dir: PathBuf,
}

/// One process.
#[derive(Debug, Clone, Deserialize)]
pub struct Part {
    pub url: String,
    pub pid: Option<u32>,
    pub log: PathBuf,
}

impl Fleet {
    /// Builds the launcher and has it start a fresh fleet; it answers when the gateway is healthy.
    pub fn up() -> Self {
        let cargo = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "fleet"]).status();
        assert!(cargo.is_ok_and(|status| status.success()), "the launcher does not build");
        run(&["down"]);
        run(&["reset", "--yes"]);
        let up = run(&["up"]);
        let (out, err) = (String::from_utf8_lossy(&up.stdout), String::from_utf8_lossy(&up.stderr));
        assert!(up.status.success(), "fleet up failed\n{out}\n{err}");
        Self { http: client() }
    }

    /// The state file as it is now.
    pub fn state(&self) -> State {
        let text = std::fs::read_to_string(folder().join("fleet.json")).expect("a state file");
        serde_json::from_str(&text).expect("a state file in its form")
    }

    /// An address below the gateway.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.state().gateway.url.trim_end_matches('/'))
    }

    /// A process by its name in the state file: `gateway`, a service or a server.
    pub fn part(&self, name: &str) -> Part {
        let state = self.state();
        let found = if name == "gateway" {
            Some(&state.gateway)
        } else {
            state.services.get(name).or_else(|| state.servers.get(name))
        };
        found.unwrap_or_else(|| panic!("{name} is not in the state file")).clone()
    }

    /// The address of a process' internal port.
    pub fn internal(&self, name: &str, path: &str) -> String {
        let mut url = url::Url::parse(&self.part(name).url).unwrap();
        url.set_port(Some(url.port().unwrap() + 10_000)).unwrap();
        url.set_path(path);
        url.to_string()
    }

    /// Kills a process without warning. `kill -9`.
    pub fn kill(&self, name: &str) -> u32 {
        let pid = self.part(name).pid.unwrap_or_else(|| panic!("{name} has no process"));
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid as i32), nix::sys::signal::Signal::SIGKILL).unwrap();
        pid
    }

    /// Stops a process where it stands, or lets it go on.
    pub fn freeze(&self, name: &str, frozen: bool) {
        let pid = nix::unistd::Pid::from_raw(self.part(name).pid.unwrap() as i32);
        let signal = if frozen { nix::sys::signal::Signal::SIGSTOP } else { nix::sys::signal::Signal::SIGCONT };
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Waits until a service is ready to serve, as another process than `old`.
    pub async fn back(&self, name: &str, old: u32, bound: Duration) {
        wait::until_true(&format!("{name} to be back"), bound, async || {
            let part = self.part(name);
            if part.pid.is_none_or(|pid| pid == old) {
                return false;
            }
            match self.http.get(format!("{}/health/ready", part.url)).send().await {
                Ok(answer) => answer.status() == 200,
                Err(_) => false,
            }
        })
        .await;
    }

    /// Runs one statement on a database as the administrator and answers its first column.
    pub async fn sql(&self, database: &str, statement: &str) -> Vec<i64> {
        self.rows(database, statement).await.iter().map(|row| row.get(0)).collect()
    }

    /// A connection to a database as the administrator, and what carries it until it is aborted.
    pub async fn connect(&self, database: &str) -> (tokio_postgres::Client, AbortHandle) {
        let mut url = url::Url::parse(&self.part("postgres").url).unwrap();
        url.set_path(database);
        let (client, connection) =
            tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls).await.expect("PostgreSQL");
        (client, tokio::task::spawn(connection).abort_handle())
    }

    /// Runs one statement on a database as the administrator and answers its rows.
    pub async fn rows(&self, database: &str, statement: &str) -> Vec<tokio_postgres::Row> {
        let (client, io) = self.connect(database).await;
        let rows = client.query(statement, &[]).await.unwrap_or_else(|e| panic!("{statement}: {e:?}"));
        io.abort();
        rows
    }

    /// Waits until every outbox is empty and every service's queue too.
    pub async fn settled(&self, bound: Duration) {
        for database in ["auth_db", "user_db", "post_db", "notifications_db"] {
            wait::until_true(&format!("the outbox of {database} to be empty"), bound, async || {
                self.sql(database, "SELECT count(*) FROM outbox WHERE published_at IS NULL").await == [0]
            })
            .await;
        }
        for service in ["auth", "users", "notifications", "posts"] {
            wait::until_true(&format!("the queue of {service} to be empty"), bound, async || {
                self.waiting(&format!("q.{service}")).await == Some(0)
            })
            .await;
        }
    }

    /// How many messages wait in a queue; nothing where there is no such queue.
    pub async fn waiting(&self, queue: &str) -> Option<u32> {
        let channel = self.channel().await;
        let passive = lapin::options::QueueDeclareOptions { passive: true, ..Default::default() };
        channel.queue_declare(queue.into(), passive, Default::default()).await.ok().map(|queue| queue.message_count())
    }

    /// A channel at the broker, as its administrator.
    pub async fn channel(&self) -> lapin::Channel {
        let url = self.part("rabbitmq").url;
        let connection = wait::until("the broker", Duration::from_secs(30), || async {
            lapin::Connection::connect(&url, lapin::ConnectionProperties::default()).await.ok()
        })
        .await;
        connection.create_channel().await.unwrap()
    }
}

/// Where this fleet keeps its state: named after the program, so that those of two programs do not meet.
pub fn folder() -> PathBuf {
    target().join(env!("CARGO_CRATE_NAME"))
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().into()
}

/// Runs the launcher.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the launcher runs")
}

/// The launcher, for this fleet.
pub fn command(arguments: &[&str]) -> Command {
    let built = target().join("debug/fleet");
    let mut command = Command::new(built);
    command
        .args(arguments)
        .env("FLEET_DIR", folder())
        .env("FLEET_PORT_SHIFT", port_shift().to_string())
        .envs(VARIABLES)
        .envs(provider::variables());
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command
}

/// A port of this fleet.
pub fn port(port: u16) -> u16 {
    port + port_shift()
}

/// Added to every port, so that this fleet and one started by hand do not meet: the first under which all are free.
/// All stay below 32768, where Linux begins to give ports to clients, and none is 10080, which browsers do not visit.
fn port_shift() -> u16 {
    static SHIFT: OnceLock<u16> = OnceLock::new();
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let all_free = |shift: &u16| PORTS.iter().all(|port| free(port + shift));
    *SHIFT.get_or_init(|| (2_500..14_500).step_by(500).find(all_free).expect("free ports"))
}

fn client() -> reqwest::Client {
    let client = reqwest::Client::builder();
    client.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(15)).build().unwrap()
}
