//! The fleet that is measured: in release, in a folder and on ports of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::report::Report;

const PORT_SHIFT: &str = "13000";
const LIMITS: [&str; 10] =
    ["READ", "WRITE", "ANON", "LOGIN", "REGISTER", "MAIL", "REFRESH", "POSTS", "COMMENTS", "LIKES"];

/// The longest that a backlog of events may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running fleet.
pub struct Fleet {
    state: State,
    /// For the few requests that are not measured.
    pub http: reqwest::Client,
}

#[derive(Debug, Deserialize)]
struct State {
    gateway: Part,
    services: BTreeMap<String, Part>,
    servers: BTreeMap<String, Part>,
    mail_dir: PathBuf,
}

/// One process.
#[derive(Debug, Clone, Deserialize)]
pub struct Part {
    pub url: String,
    pub pid: Option<u32>,
}

impl Fleet {
    /// Starts the fleet, twice: the second start, with everything there, is the one that is timed. The broker begins
    /// empty: what no service consumes it keeps for a week, and pays for with each more of it.
    pub fn up(report: &mut Report) -> Self {
        succeeds(&run(&["down"]), "down");
        let _there_was_none = std::fs::remove_dir_all(folder().join("servers/rabbitmq"));
        succeeds(&run(&["up"]), "up");
        succeeds(&run(&["down"]), "down");
        let begun = Instant::now();
        succeeds(&run(&["up"]), "up");
        report.at_most("`make up` to healthy, all built", begun.elapsed().as_secs_f64(), "s", 10.0);
        Self::running()
    }

    /// The same fleet, stopped and started with these variables besides.
    pub fn again(&self, variables: &[(&str, &str)]) -> Self {
        self.down();
        let up = command(&["up"]).envs(variables.iter().copied()).output();
        succeeds(&up.expect("the launcher runs"), "up");
        Self::running()
    }

    fn running() -> Self {
        let text = std::fs::read_to_string(folder().join("fleet.json")).expect("a state file");
        let state = serde_json::from_str(&text).expect("a state file in its form");
        Self { state, http: reqwest::Client::new() }
    }

    /// Stops it; the filled databases stay for the next run.
    pub fn down(&self) {
        succeeds(&run(&["down"]), "down");
    }

    /// A process by its name.
    pub fn part(&self, name: &str) -> &Part {
        let state = &self.state;
        let found = if name == "gateway" {
            Some(&state.gateway)
        } else {
            state.services.get(name).or_else(|| state.servers.get(name))
        };
        found.unwrap_or_else(|| panic!("{name} is not in the state file"))
    }

    /// Gateway and services by name.
    pub fn processes(&self) -> Vec<(&str, &Part)> {
        let services = self.state.services.iter().map(|(name, part)| (name.as_str(), part));
        services.chain([("gateway", &self.state.gateway)]).collect()
    }

    /// The pid of a process.
    pub fn pid(&self, name: &str) -> u32 {
        self.part(name).pid.unwrap_or_else(|| panic!("{name} has no process"))
    }

    /// An address below the gateway.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.state.gateway.url.trim_end_matches('/'))
    }

    /// The address of a database, as the administrator.
    pub fn database(&self, name: &str) -> String {
        let mut url = url::Url::parse(&self.part("postgres").url).unwrap();
        url.set_path(name);
        url.to_string()
    }

    /// A connection to a database, as the administrator.
    pub async fn sql(&self, database: &str) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database(database), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Waits until every event in a database's outbox is published.
    pub async fn until_all_is_told(&self, database: &str) {
        let (client, begun) = (self.sql(database).await, Instant::now());
        let waits = "SELECT FROM outbox WHERE published_at IS NULL LIMIT 1";
        while client.query_opt(waits, &[]).await.unwrap().is_some() {
            assert!(begun.elapsed() < PATIENCE, "events wait for the broker");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where mails are written.
    pub fn mail_dir(&self) -> &Path {
        &self.state.mail_dir
    }
}

/// The launcher, for this fleet.
pub fn command(arguments: &[&str]) -> Command {
    let beside = std::env::current_exe().unwrap().with_file_name("fleet");
    let mut command = Command::new(beside);
    command.args(arguments).env("FLEET_DIR", folder()).env("FLEET_PORT_SHIFT", PORT_SHIFT).env("LOG_LEVEL", "WARNING");
    command.envs(LIMITS.map(|policy| (format!("LIMIT_{policy}"), "100000000/min")));
    command
}

/// Where this fleet keeps its state.
pub fn folder() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().with_file_name("bench")
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the launcher runs")
}

fn succeeds(done: &Output, what: &str) {
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "fleet {what} failed\n{out}\n{err}");
}
