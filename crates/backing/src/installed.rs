//! What is installed on this machine, and what is not.
//!
//! Debian's folders are looked at besides the caller's `PATH`, which leaves some of them out for plain users.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Plan};

/// A program that is needed and not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What is needed.
    pub program: &'static str,
    /// The Debian package that brings it.
    pub package: &'static str,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (package {})", self.program, self.package)
    }
}

impl Missing {
    pub(crate) const fn postgres() -> Self {
        Self { program: "PostgreSQL 15 or newer", package: "postgresql" }
    }
    pub(crate) const fn rabbitmq() -> Self {
        Self { program: "RabbitMQ 3.10 or newer", package: "rabbitmq-server" }
    }
    pub(crate) const fn redis() -> Self {
        Self { program: "Redis 7 or newer", package: "redis-server" }
    }
    pub(crate) const fn go() -> Self {
        Self { program: "mongod, or Go 1.24 or newer to build its stand-in", package: "golang-1.24-go" }
    }
}

/// What the plan's private servers need and this machine does not have.
#[must_use]
pub fn missing(plan: &Plan) -> Vec<Missing> {
    let mut missing = Vec::new();
    if plan.given.postgres.is_none() && !matches!(postgres(None), Ok(Some(_))) {
        missing.push(Missing::postgres());
    }
    if plan.given.amqp.is_none() && rabbitmq().is_none() {
        missing.push(Missing::rabbitmq());
    }
    if plan.given.redis.is_none() && redis().is_none() {
        missing.push(Missing::redis());
    }
    let wants_mongo = plan.mongo && plan.given.mongodb.is_none();
    if wants_mongo && mongod().is_none() && !crate::mongo::is_built(plan) && go().is_none() {
        missing.push(Missing::go());
    }
    missing
}

/// PostgreSQL's programs of one version.
pub(crate) struct PostgresPrograms {
    pub bin: PathBuf,
    pub has_statistics: bool,
    /// Whether it can compress by LZ4, which costs a fifth of what its own way does.
    pub has_lz4: bool,
}

/// RabbitMQ's folder and Erlang's programs.
pub(crate) struct RabbitMqPrograms {
    pub home: PathBuf,
    pub erl: PathBuf,
    pub epmd: PathBuf,
}

/// The newest PostgreSQL from 15, or exactly the version of existing data.
pub(crate) fn postgres(version: Option<&str>) -> Result<Option<PostgresPrograms>, Error> {
    let packaged = listed(Path::new("/usr/lib/postgresql")).into_iter().map(|dir| dir.join("bin"));
    let on_path = find("postgres").and_then(|program| program.canonicalize().ok()?.parent().map(Path::to_owned));
    let mut all: Vec<(u32, PathBuf)> = packaged
        .chain(on_path)
        .filter(|bin| bin.join("initdb").is_file())
        .filter_map(|bin| Some((*numbers(&told(&bin.join("postgres"), "--version")?).first()?, bin)))
        .filter(|(major, _)| *major >= 15 && version.is_none_or(|wanted| wanted == major.to_string()))
        .collect();
    all.sort();
    Ok(all.pop().map(|(_, bin)| PostgresPrograms {
        has_statistics: has_statistics(&bin),
        has_lz4: told(&bin.join("pg_config"), "--configure").is_some_and(|options| options.contains("--with-lz4")),
        bin,
    }))
}

fn has_statistics(bin: &Path) -> bool {
    let said = |asked| told(&bin.join("pg_config"), asked).map(|text| PathBuf::from(text.trim()));
    let libraries = said("--pkglibdir").or_else(|| bin.parent().map(|up| up.join("lib")));
    libraries.is_some_and(|dir| dir.join("pg_stat_statements.so").is_file())
}

/// RabbitMQ from 3.10. Debian's `rabbitmq-server` on the `PATH` changes user and folder, so its own is looked for.
pub(crate) fn rabbitmq() -> Option<RabbitMqPrograms> {
    let packaged = listed(Path::new("/usr/lib/rabbitmq/lib"));
    let on_path =
        find("rabbitmq-server").and_then(|program| Some(program.canonicalize().ok()?.parent()?.parent()?.to_owned()));
    let (_, home) = packaged
        .into_iter()
        .chain(on_path)
        .filter_map(|home| {
            let plugins = listed(&home.join("plugins"));
            let names = plugins.iter().filter_map(|dir| dir.file_name()?.to_str());
            let version = numbers(names.filter_map(|name| name.strip_prefix("rabbit-")).next()?);
            (version >= vec![3, 10]).then_some((version, home))
        })
        .max()?;
    let erl = find("erl")?;
    Some(RabbitMqPrograms { home, epmd: find("epmd")?, erl })
}

pub(crate) fn redis() -> Option<PathBuf> {
    let program = find("redis-server")?;
    let text = told(&program, "--version")?;
    (*numbers(text.split_once("v=")?.1).first()? >= 7).then_some(program)
}

pub(crate) fn mongod() -> Option<PathBuf> {
    find("mongod")
}

/// Go from 1.24: on the `PATH`, or where Debian, go.dev and `deploy/install-servers` put it.
pub(crate) fn go() -> Option<PathBuf> {
    let packaged = listed(Path::new("/usr/lib")).into_iter().filter(|dir| dir.to_string_lossy().contains("/go-1."));
    let elsewhere = ["/usr/local/go", "/opt/jolmood/go"].into_iter().map(PathBuf::from);
    find("go")
        .into_iter()
        .chain(packaged.chain(elsewhere).map(|root| root.join("bin/go")))
        .find(|go| go.is_file() && told(go, "version").is_some_and(|text| go_fits(&text)))
}

/// As in `go version go1.24.4 linux/amd64`.
pub(crate) fn go_fits(text: &str) -> bool {
    text.split_once("version go").is_some_and(|(_, rest)| numbers(rest) >= vec![1, 24])
}

/// The whole path of a program.
fn find(program: &str) -> Option<PathBuf> {
    // A shell knows the caller's PATH; what it lacks for plain users is added.
    let script = r#"PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin"; command -v -- "$1""#;
    let output = Command::new("/bin/sh").args(["-c", script, "sh", program]).stdin(Stdio::null()).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.is_absolute().then_some(path)
}

fn told(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn listed(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

/// The first run of numbers with dots in a text.
pub(crate) fn numbers(text: &str) -> Vec<u32> {
    let from = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let run = text.get(from..).unwrap_or_default();
    let run = run.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    run.split('.').map_while(|number| number.parse().ok()).collect()
}
