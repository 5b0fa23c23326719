//! The cluster's folder: where it is, how it is made, how it is configured.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use tokio::process::Command;

use super::databases::alone;
use super::{Access, is_made};
use crate::account::{Account, private_dir};
use crate::credentials::Credentials;
use crate::installed::PostgresPrograms;
use crate::plan::made;
use crate::{Error, Progress};

/// The superuser of a private cluster.
pub(crate) const ADMINISTRATOR: &str = "fleet_admin";

/// Where data go that their user cannot reach in the plan's folder.
const ELSEWHERE: &str = "/var/lib/jolmood";

/// The folder of a cluster and whose it is.
pub(crate) struct Home {
    pub dir: PathBuf,
    pub account: Option<Account>,
}

/// The cluster's folder: below the plan's, or below `/var/lib/jolmood` when its user cannot get there.
pub(crate) fn home(root: &Path, credentials: &Credentials, progress: &dyn Progress) -> Result<Home, Error> {
    let inside = root.join("postgres");
    let outside = elsewhere(root);
    let account = Account::for_postgres(&inside.join("data"));
    let Some(account) = account else {
        return Ok(Home { dir: private_dir(&inside, None)?, account: None });
    };
    let dir = private_dir(&inside, Some(account))?;
    if account.reaches(&dir) {
        return Ok(Home { dir, account: Some(account) });
    }
    fs::remove_dir(&dir).ok();
    claim(&outside, root, credentials)?;
    progress.step(&format!(
        "PostgreSQL does not run as root and its user cannot enter {}: its data are in {}",
        root.display(),
        outside.display()
    ));
    let account = Account::for_postgres(&outside.join("postgres/data")).unwrap_or(account);
    Ok(Home { dir: private_dir(&outside.join("postgres"), Some(account))?, account: Some(account) })
}

fn elsewhere(root: &Path) -> PathBuf {
    let digest = digest::digest(&digest::SHA256, root.as_os_str().as_encoded_bytes());
    let mut name = hex::encode(digest);
    name.truncate(16);
    Path::new(ELSEWHERE).join(name)
}

/// Makes sure that data found elsewhere are those of these credentials: after the plan's folder was removed, its old
/// data can no longer be opened, so they step aside for new ones.
fn claim(outside: &Path, root: &Path, credentials: &Credentials) -> Result<(), Error> {
    let instance = credentials.password("instance");
    let owner = outside.join("owner");
    if fs::read_to_string(&owner).is_ok_and(|text| text != instance) {
        let aside = outside.with_extension("previous");
        fs::remove_dir_all(&aside).ok();
        fs::rename(outside, &aside).map_err(Error::io("moving aside", outside))?;
    }
    let outside = made(outside)?;
    for dir in [Path::new(ELSEWHERE), &outside] {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o711)).map_err(Error::io("opening", dir))?;
    }
    fs::write(&owner, instance).map_err(Error::io("writing", &owner))?;
    let checkout = outside.join("checkout");
    fs::write(&checkout, root.as_os_str().as_encoded_bytes()).map_err(Error::io("writing", &checkout))
}

/// Removes everything that the servers of a plan's folder keep, wherever it is. They must be stopped.
///
/// # Errors
/// When something cannot be removed.
pub fn erase(dir: &Path) -> Result<(), Error> {
    let root = made(dir)?;
    let outside = elsewhere(&root);
    let kept = ["postgres", "rabbitmq", "redis", "mongodb", "secret", "ports.json"];
    for path in kept.map(|name| root.join(name)).into_iter().chain([outside.with_extension("previous"), outside]) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("removing", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What only a running private cluster can be told: strangers stay out of the databases that are nobody's.
pub(crate) async fn close(access: &Access, installed: &PostgresPrograms) -> Result<(), Error> {
    let mut statements = "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;".to_owned();
    if installed.has_statistics {
        statements.push_str("CREATE EXTENSION IF NOT EXISTS pg_stat_statements;");
    }
    alone(access, async |client| client.batch_execute(&statements).await).await
}

impl Home {
    pub fn cluster(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Where the server has its Unix socket, which costs both sides less than the network; nowhere, if the path is too long
    /// for one or has characters that a URL or the configuration would change.
    pub fn socket_dir(&self) -> Option<&str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
        self.dir
            .to_str()
            .filter(|dir| dir.len() + "/.s.PGSQL.65535.lock".len() <= uds::LONGEST && dir.chars().all(plain))
    }

    /// The version of the data, once there are any.
    pub fn version(&self) -> Option<String> {
        let data = self.cluster();
        is_made(&data)
            .then(|| fs::read_to_string(data.join("PG_VERSION")).ok())
            .flatten()
            .map(|text| text.trim().into())
    }

    /// Makes the data, under another name until they are whole.
    pub async fn make(&self, installed: &PostgresPrograms, password: &str) -> Result<(), Error> {
        let (fresh, file) = (self.dir.join("data.making"), self.dir.join("password"));
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(Error::io("removing", &fresh))?;
        }
        fs::write(&file, password).map_err(Error::io("writing", &file))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).map_err(Error::io("closing", &file))?;
        let mut command = Command::new(installed.bin.join("initdb"));
        command.arg("--pgdata").arg(&fresh).arg("--pwfile").arg(&file).current_dir(&self.dir).kill_on_drop(true);
        command.args(["--username", ADMINISTRATOR, "--auth=scram-sha-256", "--data-checksums", "--no-instructions"]);
        command.args(["--encoding=UTF8", "--locale=C.UTF-8"]).env_clear().env("PATH", "/usr/bin:/bin");
        if let Some(account) = self.account {
            account.own(&file)?;
            command.uid(account.uid).gid(account.gid);
        }
        let output = command.output().await.map_err(Error::io("running", &installed.bin.join("initdb")));
        fs::remove_file(&file).ok();
        let output = output?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Tool { what: "making PostgreSQL's data folder (initdb)", output });
        }
        fs::rename(&fresh, self.cluster()).map_err(Error::io("naming", &fresh))
    }

    /// The configuration, written before each start.
    pub fn files(&self, port: u16, installed: &PostgresPrograms) -> Vec<(PathBuf, String)> {
        let data = self.cluster();
        vec![
            (data.join("postgresql.conf"), configuration(port, self.socket_dir().unwrap_or_default(), installed)),
            (
                data.join("pg_hba.conf"),
                "host all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n".to_owned(),
            ),
        ]
    }
}

/// Sized for a dozen services on one machine, with a quarter of its memory for pages, as PostgreSQL's documentation
/// advises, of which it takes what it uses; durable in every respect. Nothing that is logged holds a value of a row:
/// `terse` leaves out the detail of a violated constraint, and parameters are never shown.
fn configuration(port: u16, socket_dir: &str, installed: &PostgresPrograms) -> String {
    let memory = memory_mb();
    let shared = (memory / 4).clamp(128, 4096);
    let compression = if installed.has_lz4 { "lz4" } else { "pglz" };
    let statistics = if installed.has_statistics {
        "shared_preload_libraries = 'pg_stat_statements'\npg_stat_statements.track_utility = off\n"
    } else {
        ""
    };
    format!(
        "# Written at each start; change crates/backing instead.
cluster_name = 'fleet'
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket_dir}'
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '{shared}MB'
effective_cache_size = '{cache}MB'
work_mem = '8MB'
maintenance_work_mem = '128MB'
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
wal_compression = {compression}
min_wal_size = '128MB'
max_wal_size = '2GB'
checkpoint_timeout = '10min'
random_page_cost = 1.1
effective_io_concurrency = 200
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C.UTF-8'
default_text_search_config = 'pg_catalog.simple'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
log_min_duration_statement = '500ms'
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
{statistics}",
        cache = memory / 2
    )
}

fn memory_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse().ok());
    total.unwrap_or(4_u64 << 20) / 1024
}
