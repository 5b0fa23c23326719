//! What breaks a rule.

use std::fmt;

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, and the line where there is one: `crates/db/src/lib.rs:12`.
    pub place: String,
    /// What stays the same when lines move: the file and, where it has one, the name.
    pub key: String,
    /// How large it is, for the rules that measure.
    pub size: usize,
    /// What is wrong and what to do instead.
    pub text: String,
}

impl Finding {
    /// About a whole file or folder.
    pub fn of(path: impl Into<String>, text: impl Into<String>) -> Self {
        let path = path.into();
        Self { place: path.clone(), key: path, size: 0, text: text.into() }
    }

    /// About one line of a file.
    pub fn at(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { place: format!("{path}:{line}"), key: path.into(), size: 0, text: text.into() }
    }

    /// The same, about something named in that file.
    pub fn named(mut self, name: &str) -> Self {
        self.key = format!("{}::{name}", self.key);
        self
    }

    /// The same, with its size.
    pub fn sized(mut self, size: usize) -> Self {
        self.size = size;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}
