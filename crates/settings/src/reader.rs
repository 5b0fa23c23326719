//! Reading variables and gathering what is wrong with them.

use std::collections::BTreeMap;
use std::fmt;

use crate::Setting;

/// Where this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Anywhere that real people's accounts are. The default.
    Production,
    /// The local launcher and tests: a shifted clock is possible.
    Local,
}

/// Reads variables by name; keeps a list of all that is missing or wrong.
#[derive(Debug)]
pub struct Reader {
    variables: BTreeMap<String, String>,
    problems: Vec<String>,
}

/// Every missing or bad variable, one a line. Never a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Report(Vec<String>);

/// Reads a whole configuration from this process's environment, or says all that is wrong with it.
pub fn load<C>(read: impl FnOnce(&mut Reader) -> C) -> Result<C, Report> {
    Reader::from_process().load(read)
}

impl Reader {
    /// A reader of this process's environment.
    #[expect(clippy::disallowed_methods, reason = "this crate is the owner of the environment")]
    pub fn from_process() -> Self {
        let utf8 =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self { variables: utf8.collect(), problems: Vec::new() }
    }

    /// A reader of these variables alone, for tests and for the launcher.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, problems: Vec::new() }
    }

    /// Runs `read`, then answers what it read, or all that was wrong.
    pub fn load<C>(mut self, read: impl FnOnce(&mut Reader) -> C) -> Result<C, Report> {
        let config = read(&mut self);
        if self.problems.is_empty() { Ok(config) } else { Err(Report(self.problems)) }
    }

    /// A variable that must be there.
    pub fn required<T: Setting>(&mut self, name: &str) -> T {
        match self.text(name) {
            Some(text) => self.parsed(name, &text),
            None => {
                self.problem(format!("{name} is missing (or {name}_FILE, a file that holds it)"));
                T::absent()
            }
        }
    }

    /// A variable that may be left out.
    pub fn optional<T: Setting>(&mut self, name: &str) -> Option<T> {
        self.text(name).map(|text| self.parsed(name, &text))
    }

    /// A variable with a default. Never for a secret.
    pub fn or<T: Setting>(&mut self, name: &str, default: T) -> T {
        self.optional(name).unwrap_or(default)
    }

    /// Where this process runs: `ENVIRONMENT=local`, or production where it says nothing.
    pub fn environment(&mut self) -> Environment {
        match self.text("ENVIRONMENT").as_deref() {
            None | Some("production") => Environment::Production,
            Some("local") => Environment::Local,
            Some(_) => {
                self.problem("ENVIRONMENT must be production or local".into());
                Environment::Production
            }
        }
    }

    /// Adds something wrong that a single variable does not show.
    pub fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn parsed<T: Setting>(&mut self, name: &str, text: &str) -> T {
        T::parse(text).unwrap_or_else(|wrong| {
            self.problem(format!("{name} {wrong}"));
            T::absent()
        })
    }

    /// The text of a variable, empty being absent, or that of the file that `NAME_FILE` names, without its last newline.
    fn text(&mut self, name: &str) -> Option<String> {
        if let Some(text) = self.variables.get(name).filter(|text| !text.is_empty()) {
            return Some(text.clone());
        }
        let file = self.variables.get(&format!("{name}_FILE")).filter(|file| !file.is_empty())?.clone();
        match std::fs::read_to_string(&file) {
            Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(e) => {
                self.problem(format!("{name}_FILE names {file}, which cannot be read: {e}"));
                None
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not complete:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for Report {}
