//! The one HTTP error of the fleet (RFC 9457) as a value, and how it reads in French and English.
//!
//! A [`Code`] is a kind of refusal, written once as a constant; a [`Problem`] is one such refusal on its way to a
//! caller. It knows no web framework: [`Problem::render`] answers a status, headers and JSON bytes. What caused it
//! ([`Problem::because`]) is for the log and never rendered. Sole owner of error JSON. Start with [`Problem`].

mod code;
pub mod codes;
mod language;
mod render;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use serde_json::{Map, Value};

pub use code::{Code, Text};
pub use language::Language;
pub use render::Rendered;

/// One refusal. Small, so that it travels well in a `Result`.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: &'static Code,
    values: Vec<(&'static str, String)>,
    errors: Vec<FieldError>,
    headers: Vec<(&'static str, String)>,
    members: Map<String, Value>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What is wrong with one member of a request body, or one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where, as a JSON pointer (`/body`), or the bare name of a query parameter.
    pub pointer: Cow<'static, str>,
    /// A stable word for machines, such as `too_long`.
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    pub detail: Text,
    /// What stands in for `{name}` in the detail.
    pub values: Vec<(&'static str, String)>,
}

impl Problem {
    /// A refusal of this kind.
    pub fn new(code: &'static Code) -> Self {
        Self(Box::new(Parts {
            code,
            values: Vec::new(),
            errors: Vec::new(),
            headers: Vec::new(),
            members: Map::new(),
            cause: None,
        }))
    }

    /// Its kind.
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    /// Its HTTP status.
    pub fn status(&self) -> u16 {
        self.0.code.status
    }

    /// What stands in for `{name}` in the texts of the code.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.values.push((name, value.to_string()));
        self
    }

    /// One more thing wrong with the request.
    #[must_use]
    pub fn field(mut self, error: FieldError) -> Self {
        self.0.errors.push(error);
        self
    }

    /// One more header of the answer.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.headers.push((name, value.to_string()));
        self
    }

    /// One more member of the body, for programs.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// What caused it, for the log alone.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What caused it, if anything is known.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }

    /// Its headers, beside those that every error has.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }

    /// Its field errors.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }
}

impl FieldError {
    /// Something wrong at `pointer`.
    pub fn new(pointer: impl Into<Cow<'static, str>>, code: &'static str, detail: Text) -> Self {
        Self { pointer: pointer.into(), code, detail, values: Vec::new() }
    }

    /// What stands in for `{name}` in the detail.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}

impl From<&'static Code> for Problem {
    fn from(code: &'static Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.code.code, self.0.code.status)?;
        let mut cause = self.0.cause.as_ref().map(|cause| &**cause as &dyn Error);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
