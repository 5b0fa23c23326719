//! The thread that writes log lines to stdout, so that no request waits for whoever reads them.
//!
//! Lines gather for a few milliseconds and go out together. When the reader does not keep up, lines are dropped
//! and counted rather than kept without bound.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Metrics;

struct Sink {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    dropped: u64,
    urgent: bool,
    stopped: bool,
}

/// How long lines gather.
const GATHER: Duration = Duration::from_millis(5);
/// How much goes out at once without waiting for more.
const ENOUGH: usize = 32 * 1024;
/// How much may wait for a slow reader.
const MOST: usize = 4 * 1024 * 1024;
/// How often the recorder is tidied when nothing is logged.
const UPKEEP: Duration = Duration::from_secs(5);

static SINK: OnceLock<Sink> = OnceLock::new();

/// Starts the thread.
pub(crate) fn start(metrics: Metrics) -> io::Result<()> {
    let sink = SINK.get_or_init(|| Sink { waiting: Mutex::default(), wake: Condvar::new(), thread: Mutex::default() });
    let thread = thread::Builder::new().name("log".into()).stack_size(128 * 1024).spawn(move || sink.run(&metrics))?;
    *locked(&sink.thread) = Some(thread);
    Ok(())
}

/// Takes one line. `urgent` lines do not wait for others.
pub(crate) fn send(line: &[u8], urgent: bool) {
    if let Some(sink) = SINK.get() {
        sink.send(line, urgent);
    }
}

/// Writes what waits and ends the thread.
pub(crate) fn stop() {
    let Some(sink) = SINK.get() else { return };
    locked(&sink.waiting).stopped = true;
    sink.wake.notify_all();
    if let Some(thread) = locked(&sink.thread).take() {
        // Only if it panicked, and then there is nobody left to tell.
        let _ = thread.join();
    }
}

impl Sink {
    fn send(&self, line: &[u8], urgent: bool) {
        let mut waiting = locked(&self.waiting);
        if waiting.lines.len() + line.len() > MOST {
            waiting.dropped += 1;
            return;
        }
        let first = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        let enough = waiting.lines.len() >= ENOUGH && waiting.lines.len() - line.len() < ENOUGH;
        let hurry = urgent && !waiting.urgent;
        waiting.urgent |= urgent;
        drop(waiting);
        if first || enough || hurry {
            self.wake.notify_one();
        }
    }

    fn run(&self, metrics: &Metrics) {
        let mut going = Vec::new();
        loop {
            let waiting = locked(&self.waiting);
            let (waiting, idle) = self
                .wake
                .wait_timeout_while(waiting, UPKEEP, |w| w.lines.is_empty() && !w.stopped)
                .unwrap_or_else(PoisonError::into_inner);
            if idle.timed_out() {
                drop(waiting);
                metrics.upkeep();
                continue;
            }
            let (mut waiting, _) = self
                .wake
                .wait_timeout_while(waiting, GATHER, |w| w.lines.len() < ENOUGH && !w.urgent && !w.stopped)
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut waiting.lines, &mut going);
            waiting.urgent = false;
            let (dropped, stopped) = (std::mem::take(&mut waiting.dropped), waiting.stopped);
            drop(waiting);
            // A reader that went away is no reason to stop serving.
            let _ = write_out(&going);
            going.clear();
            going.shrink_to(2 * ENOUGH);
            if dropped > 0 {
                metrics::counter!("log_lines_dropped_total").increment(dropped);
            }
            if stopped {
                return;
            }
        }
    }
}

fn write_out(lines: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(lines)?;
    out.flush()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
