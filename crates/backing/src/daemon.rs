//! One server process: adopted or started, watched, stopped.
//!
//! It runs in a process group of its own, so that Ctrl-C reaches whoever watches it and not the server, and nothing ends
//! it but `stop`. A start holds a lock: of two at the same time, the second finds what the first has started.
//! Start with [`Daemon::start`].

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use aws_lc_rs::digest;
use nix::sys::signal::{Signal, kill, killpg};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::account::Account;
use crate::census::{self, Found, MARK, Place};
use crate::plan::made;
use crate::probe::{Answer, Probe};
use crate::{Error, Progress};

/// Longer than any recovery after a crash of a local set of data.
const START_LIMIT: Duration = Duration::from_secs(180);
const LOG_LIMIT: u64 = 16 << 20;
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Everything that is needed to start a server.
pub(crate) struct Spec {
    pub name: &'static str,
    /// The plan's folder.
    pub root: PathBuf,
    pub place: Place,
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub env: Vec<(&'static str, OsString)>,
    /// Configuration, written before each start.
    pub files: Vec<(PathBuf, String)>,
    pub log: PathBuf,
    pub account: Option<Account>,
    /// The signal that asks it to stop in order.
    pub stop: Signal,
    /// How long that may take.
    pub patience: Duration,
    pub probe: Probe,
}

/// A server process.
#[derive(Debug)]
pub(crate) struct Daemon {
    found: Found,
    /// `None` when somebody else started it.
    child: Option<Child>,
    name: &'static str,
    root: PathBuf,
    place: Place,
    stop: Signal,
    patience: Duration,
}

impl Daemon {
    /// Adopts the server if it runs with just these settings, else (re)starts it; answers when it accepts clients.
    pub async fn start(spec: &Spec, progress: &dyn Progress) -> Result<Self, Error> {
        let _lock = lock(&spec.root, spec.name).await?;
        if let Some(found) = spec.place.server() {
            let mut daemon = Self::new(spec, found, None);
            if spec.is_as_before() {
                match daemon.ready(spec, progress).await {
                    Err(Error::Ended { .. } | Error::Late { .. }) => {}
                    Ok(()) => return Ok(daemon),
                    Err(error) => return Err(error),
                }
            }
            progress.step(&format!("stopping the {} that ran before", spec.name));
            daemon.end().await;
        }
        spec.place.sweep().await;
        let mut daemon = spec.spawn()?;
        let ready = daemon.ready(spec, progress).await;
        if ready.is_err() {
            daemon.end().await;
        }
        ready.map(|()| daemon)
    }

    fn new(spec: &Spec, found: Found, child: Option<Child>) -> Self {
        Self {
            found,
            child,
            name: spec.name,
            root: spec.root.clone(),
            place: spec.place.clone(),
            stop: spec.stop,
            patience: spec.patience,
        }
    }

    pub fn pid(&self) -> Option<u32> {
        u32::try_from(self.found.pid.as_raw()).ok()
    }

    /// Completes when the process has ended.
    pub async fn exited(&mut self) {
        match &mut self.child {
            Some(child) => {
                child.wait().await.ok();
            }
            None => gone(&self.found).await,
        }
    }

    /// Stops the server in order, or after its time by force.
    pub async fn stop(mut self) -> Result<(), Error> {
        let _lock = lock(&self.root, self.name).await?;
        self.end().await;
        Ok(())
    }

    async fn end(&mut self) {
        if self.found.is_alive() {
            kill(self.found.pid, self.stop).ok();
            if timeout(self.patience, self.exited()).await.is_err() {
                tracing::warn!(server = self.name, "did not stop in time and is killed");
                killpg(self.found.pid, Signal::SIGKILL).ok();
                kill(self.found.pid, Signal::SIGKILL).ok();
                self.exited().await;
            }
        }
        self.place.sweep().await;
    }

    async fn ready(&mut self, spec: &Spec, progress: &dyn Progress) -> Result<(), Error> {
        let begun = Instant::now();
        let mut told = Duration::from_secs(10);
        loop {
            let reason = match spec.probe.ask().await {
                Answer::Ready => return Ok(()),
                Answer::Refused(reason) => {
                    return Err(Error::Refused { server: self.name, dir: self.root.clone(), reason });
                }
                Answer::NotYet(reason) => reason,
            };
            if timeout(Duration::from_millis(30), self.exited()).await.is_ok() {
                return Err(Error::Ended { server: self.name, log: spec.log.clone(), tail: tail(&spec.log) });
            }
            let waited = begun.elapsed();
            if waited > START_LIMIT {
                let (server, log, seconds) = (self.name, spec.log.clone(), START_LIMIT.as_secs());
                return Err(Error::Late { server, seconds, reason, log });
            }
            if waited > told {
                progress.step(&format!("{} is still starting after {} s: {reason}", self.name, told.as_secs()));
                told += Duration::from_secs(10);
            }
        }
    }
}

impl Spec {
    fn spawn(&self) -> Result<Daemon, Error> {
        for (file, text) in &self.files {
            self.write(file, text)?;
        }
        let print = self.root.join(format!(".{}.started-as", self.name));
        fs::write(&print, self.fingerprint()).map_err(Error::io("writing", &print))?;
        let log = open_log(&self.log)?;
        let errors = log.try_clone().map_err(Error::io("opening", &self.log))?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .env_clear()
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8")
            .env("HOME", &self.place.home)
            .env(MARK, &self.place.mark)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.place.home)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        let child = command.spawn().map_err(Error::io("starting", &self.program))?;
        // It cannot have vanished: until it is waited for, it is at least a zombie.
        let found = child.id().and_then(census::by_id);
        match found {
            Some(found) => Ok(Daemon::new(self, found, Some(child))),
            None => Err(Error::Ended { server: self.name, log: self.log.clone(), tail: tail(&self.log) }),
        }
    }

    fn write(&self, file: &Path, text: &str) -> Result<(), Error> {
        fs::write(file, text).map_err(Error::io("writing", file))?;
        fs::set_permissions(file, Permissions::from_mode(0o600)).map_err(Error::io("closing", file))?;
        self.account.map_or(Ok(()), |account| account.own(file))
    }

    fn is_as_before(&self) -> bool {
        let print = self.root.join(format!(".{}.started-as", self.name));
        fs::read_to_string(print).is_ok_and(|before| before == self.fingerprint())
    }

    fn fingerprint(&self) -> String {
        let all = format!("{:?}", (&self.program, &self.args, &self.env, &self.files, &self.account));
        hex::encode(digest::digest(&digest::SHA256, all.as_bytes()))
    }
}

impl Place {
    /// Ends what is left of a server that is gone: PostgreSQL's backends keep its memory until they notice.
    async fn sweep(&self) {
        let left = self.all();
        let deadline = Instant::now() + Duration::from_millis(300);
        for found in &left {
            if timeout_at(deadline, gone(found)).await.is_err() {
                kill(found.pid, Signal::SIGKILL).ok();
            }
        }
        for found in &left {
            timeout(Duration::from_secs(5), gone(found)).await.ok();
        }
    }
}

/// Stops every server that runs from a plan's folder, whoever started it, and answers how many there were.
///
/// # Errors
/// When the folder cannot be read.
pub async fn stop_all(dir: &Path) -> Result<usize, Error> {
    let all = census::below(&made(dir)?);
    let servers: Vec<&Found> = all.iter().filter(|found| !found.has_parent_in(&all)).collect();
    for found in &servers {
        kill(found.pid, if found.is_postgres() { Signal::SIGINT } else { Signal::SIGTERM }).ok();
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    for found in &all {
        if timeout_at(deadline, gone(found)).await.is_err() {
            kill(found.pid, Signal::SIGKILL).ok();
            timeout(Duration::from_secs(5), gone(found)).await.ok();
        }
    }
    Ok(servers.len())
}

async fn gone(found: &Found) {
    while found.is_alive() {
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits for its turn to start, build or stop something; the lock ends with the value.
pub(crate) async fn lock(dir: &Path, name: &'static str) -> Result<File, Error> {
    let path = dir.join(format!(".{name}.lock"));
    let file = OpenOptions::new().create(true).append(true).open(&path).map_err(Error::io("opening", &path))?;
    let deadline = Instant::now() + START_LIMIT * 3;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(Error::io("locking", &path)(error)),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Err(Error::Locked(name)),
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(20)).await,
        }
    }
}

fn open_log(path: &Path) -> Result<File, Error> {
    if fs::metadata(path).is_ok_and(|found| found.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.1")).map_err(Error::io("turning over", path))?;
    }
    OpenOptions::new().create(true).append(true).open(path).map_err(Error::io("opening", path))
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(12)).copied().collect::<Vec<_>>().join("\n")
}
