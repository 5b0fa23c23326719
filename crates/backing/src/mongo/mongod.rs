//! MongoDB itself, with one administrator.

use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{NAME, wire};
use crate::account::private_dir;
use crate::census::Place;
use crate::credentials::Credentials;
use crate::daemon::{Daemon, Spec};
use crate::probe::Probe;
use crate::running::Running;
use crate::{Error, Plan, Progress};

const USER: &str = "fleet";

pub(super) async fn start(plan: &Plan, program: PathBuf, progress: &dyn Progress) -> Result<Running, Error> {
    let root = plan.root()?;
    let password = Credentials::kept(&root)?.password("mongod");
    let port = plan.ports.mongodb;
    let mark = root.join("mongodb");
    let home = private_dir(&mark, None)?;
    let data = private_dir(&home.join("data"), None)?;
    let configuration = home.join("mongod.conf");
    let log = plan.log("mongodb")?;
    let settings = serde_json::json!({
        "storage": { "dbPath": data, "wiredTiger": { "engineConfig": { "cacheSizeGB": 0.25 } } },
        "net": { "bindIp": "127.0.0.1", "port": port, "unixDomainSocket": { "enabled": false } },
        "security": { "authorization": "enabled" },
    });
    let spec = Spec {
        name: NAME,
        args: vec!["--config".into(), configuration.clone().into()],
        // JSON is YAML.
        files: vec![(configuration, settings.to_string())],
        place: Place { mark, home, exe: "mongod".to_owned() },
        root,
        program,
        env: Vec::new(),
        log: log.clone(),
        account: None,
        stop: Signal::SIGTERM,
        patience: Duration::from_secs(30),
        probe: Probe::Mongo { port },
    };
    let daemon = Daemon::start(&spec, progress).await?;
    // Until there is a first user, whoever calls from this machine may make one, and nothing else.
    wire::make_administrator(port, USER, &password)
        .await
        .map_err(|error| Error::Given { server: NAME, reason: format!("no administrator could be made: {error}") })?;
    let url = format!("mongodb://{USER}:{password}@127.0.0.1:{port}/?authSource=admin");
    Ok(Running::own(url, &log, daemon))
}
