//! The file that says how far the clocks of a local fleet are shifted.
//!
//! One line: the shift in microseconds, signed. It is replaced whole, never written in place.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// How far a clock is from the system's, in microseconds; positive is the future.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift(i64);

/// A clock file that exists and cannot be understood.
#[derive(Debug)]
pub struct UnreadableShift {
    file: PathBuf,
    why: String,
}

impl Shift {
    /// A shift of so many microseconds.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The shift in microseconds.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// What `file` says; a file that is not there says none.
    pub fn read(file: &Path) -> Result<Self, UnreadableShift> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self(0)),
            Err(e) => return Err(UnreadableShift { file: file.into(), why: e.to_string() }),
        };
        let text = text.trim();
        let micros = text.parse().map_err(|_| UnreadableShift {
            file: file.into(),
            why: format!("{text:?} is not a number of microseconds"),
        })?;
        Ok(Self(micros))
    }

    /// Replaces `file` with this shift.
    pub fn write(self, file: &Path) -> io::Result<()> {
        let next = file.with_extension("next");
        std::fs::write(&next, format!("{}\n", self.0))?;
        std::fs::rename(next, file)
    }
}

impl fmt::Display for UnreadableShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the clock file {} cannot be read: {}", self.file.display(), self.why)
    }
}

impl std::error::Error for UnreadableShift {}
