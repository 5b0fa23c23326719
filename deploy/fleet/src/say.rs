//! Lines for whoever typed the command.

use std::fmt::Display;
use std::io::Write;
use std::time::Instant;

/// Writes a line to standard output; a reader that has gone is no error.
pub fn say(text: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Writes a line to standard error.
pub fn complain(text: impl Display) {
    // Nowhere is left to say it if this fails.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Tells the steps of a start, each with the time since it began.
#[derive(Clone, Copy, Debug)]
pub struct Steps(Instant);

impl Steps {
    /// From now on.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// One line.
    pub fn tell(&self, text: impl Display) {
        say(format_args!("{:>6.1} s  {text}", self.0.elapsed().as_secs_f64()));
    }

    /// How long it has taken.
    pub fn took(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

impl backing::Progress for Steps {
    fn step(&self, text: &str) {
        self.tell(text);
    }
}
