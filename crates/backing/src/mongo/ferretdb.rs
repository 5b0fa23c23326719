//! FerretDB: built from `deploy/ferretdb` once, on a database of its own in the plan's PostgreSQL.
//!
//! It keeps no users: clients log in with their PostgreSQL role, so a wrong password is PostgreSQL's to refuse.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use aws_lc_rs::digest;
use nix::sys::signal::Signal;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::account::private_dir;
use crate::census::Place;
use crate::daemon::{Daemon, Spec, lock};
use crate::installed::{self, Missing};
use crate::plan::made;
use crate::postgres::{Access, Wanted, ensure};
use crate::probe::{Answer, Probe};
use crate::running::Running;
use crate::{Error, Plan, Progress};

/// Database and role.
const ROLE: &str = "mongodb";
const SOURCE: [(&str, &str); 3] = [
    ("main.go", include_str!("../../../../deploy/ferretdb/main.go")),
    ("go.mod", include_str!("../../../../deploy/ferretdb/go.mod")),
    ("go.sum", include_str!("../../../../deploy/ferretdb/go.sum")),
];
const INDEXES: &str = include_str!("indexes.sql");

pub(super) async fn start(plan: &Plan, progress: &dyn Progress) -> Result<Running, Error> {
    let root = plan.root()?;
    let program = built(plan, progress).await?;
    let access = Access::of(plan)?;
    prepare(&access, progress).await?;
    let port = plan.ports.mongodb;
    let mark = root.join("mongodb");
    let home = private_dir(&mark, None)?;
    let log = plan.log("mongodb")?;
    let mut database = access.anonymous_url(ROLE);
    database.query_pairs_mut().append_pair("pool_max_conns", "24");
    let spec = Spec {
        name: "FerretDB",
        place: Place { mark, home, exe: "ferretdb".to_owned() },
        args: vec![
            "-listen".into(),
            format!("127.0.0.1:{port}").into(),
            "-postgresql-url".into(),
            database.as_str().into(),
        ],
        root,
        program,
        env: vec![("GOMEMLIMIT", "512MiB".into())],
        files: Vec::new(),
        log: log.clone(),
        account: None,
        stop: Signal::SIGTERM,
        patience: Duration::from_secs(10),
        probe: Probe::Mongo { port },
    };
    let daemon = Daemon::start(&spec, progress).await?;
    let url = format!("mongodb://{ROLE}:{}@127.0.0.1:{port}/?authMechanism=PLAIN", access.password(ROLE));
    Ok(Running::own(url, &log, daemon))
}

/// The database, its one role, and the indexes that FerretDB's queries can use.
async fn prepare(access: &Access, progress: &dyn Progress) -> Result<(), Error> {
    let deadline = Instant::now() + Duration::from_secs(180);
    let probe = Probe::Postgres(Box::new(access.administrator("postgres")?));
    let mut told = false;
    loop {
        let reason = match probe.ask().await {
            Answer::Ready => break,
            Answer::Refused(reason) | Answer::NotYet(reason) => reason,
        };
        if Instant::now() > deadline {
            return Err(Error::Given { server: "PostgreSQL", reason });
        }
        if !std::mem::replace(&mut told, true) {
            progress.step("FerretDB waits for PostgreSQL");
        }
        sleep(Duration::from_millis(50)).await;
    }
    ensure(access, &[Wanted { name: ROLE, roles: vec![ROLE.to_owned()], inside: INDEXES.to_owned() }]).await
}

/// Whether the program is there, built from this very source.
pub(crate) fn is_built(plan: &Plan) -> bool {
    plan.bin.join("ferretdb").is_file()
        && fs::read_to_string(plan.bin.join("ferretdb.source")).is_ok_and(|text| text == source())
}

fn source() -> String {
    let all = SOURCE.map(|(_, text)| text).concat();
    hex::encode(digest::digest(&digest::SHA256, all.as_bytes()))
}

/// The program, built where it is missing.
async fn built(plan: &Plan, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let bin = made(&plan.bin)?;
    let program = bin.join("ferretdb");
    let _lock = lock(&bin, "ferretdb").await?;
    if is_built(plan) {
        return Ok(program);
    }
    let go = installed::go().ok_or_else(|| Error::Missing(vec![Missing::go()]))?;
    progress.step("building FerretDB, since there is no mongod: a minute or two the first time");
    let dir = made(&bin.join("ferretdb.build"))?;
    for (name, text) in SOURCE {
        fs::write(dir.join(name), text).map_err(Error::io("writing", &dir))?;
    }
    // Go needs the caller's environment: it says where the caches and the module proxy are.
    let output = Command::new(&go)
        .args(["build", "-tags", "ferretdb_no_sqlite", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o"])
        .arg(dir.join("ferretdb"))
        .arg(".")
        .env("CGO_ENABLED", "0")
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=readonly")
        .current_dir(&dir)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(Error::io("running", &go))?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Tool { what: "building FerretDB (deploy/ferretdb)", output });
    }
    fs::rename(dir.join("ferretdb"), &program).map_err(Error::io("naming", &program))?;
    fs::remove_dir_all(&dir).ok();
    fs::write(bin.join("ferretdb.source"), source()).map_err(Error::io("writing", &bin))?;
    Ok(program)
}
