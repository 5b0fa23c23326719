//! Processes of this machine, told apart by their number and the moment they started.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// One process for ever: the kernel gives its number to another, but not with the same birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alive {
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's ticks since it booted.
    pub born: u64,
}

impl Alive {
    /// The process of that number, unless it has ended.
    pub fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name is in parentheses and may hold anything, so fields are counted from its end.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ended = matches!(*fields.first()?, "Z" | "X");
        let born = fields.get(19)?.parse().ok()?;
        (!ended).then_some(Self { pid, born })
    }

    /// Whether this very process still runs.
    pub fn still(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends it a signal, if it is still this one.
    pub fn signal(self, signal: Signal) {
        if let (true, Ok(pid)) = (self.still(), i32::try_from(self.pid)) {
            // One that ended just now needs no signal.
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    /// Waits for its end; false if it outlives `patience`.
    pub async fn gone(self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.still() {
            if Instant::now() > deadline {
                return false;
            }
            sleep(Duration::from_millis(20)).await;
        }
        true
    }
}
