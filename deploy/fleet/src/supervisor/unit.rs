//! One process of the launcher's own binary, kept running.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::crew::Stop;
use crate::failure::Failure;
use crate::processes::Alive;
use crate::record::{Board, Part};
use crate::say::Steps;
use crate::variables::Variables;

/// Longer than a drain and a last flush take.
const PATIENCE: Duration = Duration::from_secs(40);
const LOG_LIMIT: u64 = 64 << 20;
const TAIL: u64 = 4_000;

/// What to run.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its name in `fleet.json`.
    pub name: &'static str,
    /// The launcher's program.
    pub program: PathBuf,
    /// Where it is reached.
    pub url: String,
    /// Where its output goes.
    pub log: PathBuf,
    /// By what it is known should the supervisor be killed.
    pub mark: PathBuf,
    /// What it is told.
    pub variables: Variables,
}

/// What a keeper tells.
#[derive(Clone, Debug)]
pub struct Ears {
    /// Where it runs now.
    pub board: Board,
    /// What happened to it.
    pub steps: Steps,
    /// That it ended, with its last words.
    pub ended: UnboundedSender<String>,
}

impl Unit {
    /// Starts the binary with a command, `serve` or `migrate`; answers besides where its log was then.
    pub fn spawn(&self, command: &str) -> Result<(Child, u64), Failure> {
        let failed = || Failure::io(format!("starting {}", self.name));
        let log = open_log(&self.log).map_err(failed())?;
        let errors = log.try_clone().map_err(failed())?;
        let before = log.metadata().map_err(failed())?.len();
        let child = Command::new(&self.program)
            .args([command, self.name])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env(backing::MARK, &self.mark)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            // It makes a session of its own as the first thing it does (`commands::alone`).
            .spawn();
        Ok((child.map_err(failed())?, before))
    }

    /// Keeps it serving until the crew ends.
    pub async fn keep(self, ears: Ears, mut stop: Stop) {
        let mut backoff = Backoff::default();
        loop {
            let begun = Instant::now();
            let how = match self.spawn("serve") {
                Ok((mut child, before)) => {
                    self.show(&ears, child.id());
                    let status = tokio::select! {
                        status = child.wait() => status,
                        () = stop.asked() => return end(&mut child).await,
                    };
                    // Only a start listens.
                    let _ = ears.ended.send(self.last_words(&words(&status), before));
                    words(&status)
                }
                Err(failure) => failure.to_string(),
            };
            let wait = backoff.after(begun.elapsed());
            let when = if wait.is_zero() { "at once".to_owned() } else { format!("in {wait:?}") };
            ears.steps.tell(format_args!("{} {how}; started again {when}", self.name));
            tokio::select! {
                () = sleep(wait) => {}
                () = stop.asked() => return,
            }
        }
    }

    fn show(&self, ears: &Ears, pid: Option<u32>) {
        let part = Part { url: self.url.clone(), pid, log: self.log.clone() };
        if let Err(failure) = ears.board.put(self.name, part) {
            ears.steps.tell(failure);
        }
    }

    /// How it ended, and the last that it wrote to its log since `before`.
    pub fn last_words(&self, how: &str, before: u64) -> String {
        let tail = tail(&self.log, before).unwrap_or_default();
        if tail.is_empty() { format!("{} {how}", self.name) } else { format!("{} {how}:\n{tail}", self.name) }
    }
}

/// Ends a child in order, or after its time by force.
pub async fn end(child: &mut Child) {
    let Some(alive) = child.id().and_then(Alive::of) else { return };
    alive.signal(Signal::SIGTERM);
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        // It ends by this, or has ended.
        let _ = child.kill().await;
    }
}

/// How a process ended.
pub fn words(status: &std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("ended ({status})"),
        Err(error) => format!("cannot be watched ({error})"),
    }
}

/// Opens a log to append to; one that has grown too long is put aside first.
pub fn open_log(path: &Path) -> std::io::Result<File> {
    let long = std::fs::metadata(path).is_ok_and(|found| found.len() > LOG_LIMIT);
    if long {
        std::fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

fn tail(path: &Path, before: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(TAIL).max(before);
    file.seek(SeekFrom::Start(from))?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(12).collect();
    Ok(lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
}
