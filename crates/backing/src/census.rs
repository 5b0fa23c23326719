//! Who runs from a folder, asked of the kernel.
//!
//! Each server carries a mark in its environment, so no file has to remember its id: one that was started a moment
//! before its supervisor was killed is found as well, and a number that the kernel gave to somebody else is not.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

/// The variable that says whose a process is: a path below the folder that [`stop_all`](crate::stop_all) is given.
pub const MARK: &str = "BACKING_HOME";

/// How one server is told from all others.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What its environment says: a path below the plan's folder, wherever the data are.
    pub mark: PathBuf,
    /// Where it works and keeps its data.
    pub home: PathBuf,
    /// The name of its program's file, links followed.
    pub exe: String,
}

/// One process of a server.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub pid: Pid,
    /// When it started, in the kernel's ticks: together with the id it means one process for ever.
    pub born: u64,
    parent: Pid,
    mark: Option<PathBuf>,
    cwd: Option<PathBuf>,
    exe: String,
}

impl Found {
    fn read(pid: Pid) -> Option<Self> {
        let proc = PathBuf::from(format!("/proc/{pid}"));
        let (parent, born) = standing(pid)?;
        let exe = std::fs::read_link(proc.join("exe")).ok()?;
        let exe = exe.file_name()?.to_string_lossy().trim_end_matches(" (deleted)").to_owned();
        let environment = std::fs::read(proc.join("environ")).unwrap_or_default();
        let mark = environment.split(|byte| *byte == 0).find_map(|entry| {
            let value = entry.strip_prefix(MARK.as_bytes())?.strip_prefix(b"=")?;
            Some(PathBuf::from(OsStr::from_bytes(value)))
        });
        Some(Self { pid, born, parent, mark, cwd: std::fs::read_link(proc.join("cwd")).ok(), exe })
    }

    /// PostgreSQL's backends write their title over their environment; they are known by where they work.
    fn is_of(&self, place: &Place) -> bool {
        self.exe == place.exe
            && (self.mark.as_ref() == Some(&place.mark)
                || self.cwd.as_ref().is_some_and(|cwd| cwd.starts_with(&place.home)))
    }

    /// Whether its parent is one of these.
    pub fn has_parent_in(&self, all: &[Self]) -> bool {
        all.iter().any(|other| other.pid == self.parent)
    }

    /// Whether it is PostgreSQL, which takes a signal of its own to stop at once and in order.
    pub fn is_postgres(&self) -> bool {
        self.exe == "postgres"
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        standing(self.pid).is_some_and(|(_, born)| born == self.born)
    }
}

/// Parent and start time of a process that is not a zombie.
fn standing(pid: Pid) -> Option<(Pid, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold anything, so fields are counted from its end.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let born = fields.get(19)?.parse().ok()?;
    (!matches!(*fields.first()?, "Z" | "X")).then_some((Pid::from_raw(parent), born))
}

fn everyone() -> Vec<Found> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Found::read(Pid::from_raw(pid)))
        .collect()
}

impl Place {
    /// Every process of the server.
    pub fn all(&self) -> Vec<Found> {
        everyone().into_iter().filter(|found| found.is_of(self)).collect()
    }

    /// The server itself: the one that carries the mark and is nobody's child among them.
    pub fn server(&self) -> Option<Found> {
        let all = self.all();
        all.iter().find(|found| found.mark.as_ref() == Some(&self.mark) && !found.has_parent_in(&all)).cloned()
    }
}

/// One process, by its id.
pub(crate) fn by_id(pid: u32) -> Option<Found> {
    Found::read(Pid::from_raw(i32::try_from(pid).ok()?))
}

/// Every process whose mark is below `root`.
pub(crate) fn below(root: &Path) -> Vec<Found> {
    everyone().into_iter().filter(|found| found.mark.as_ref().is_some_and(|mark| mark.starts_with(root))).collect()
}
