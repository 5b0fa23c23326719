//! Kinds of refusal.

/// A kind of refusal: what a program matches on, the status, and what a person reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// A stable word in snake_case; the problem's `type` is the same word with hyphens.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: Text,
    /// What it means here and what to do next. `{name}` is filled in by [`crate::Problem::with`].
    pub detail: Text,
    /// A `type` that somebody else registered, where there is one.
    pub type_uri: Option<&'static str>,
}

/// A text in the languages of the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// French.
    pub fr: &'static str,
    /// English.
    pub en: &'static str,
}

impl Code {
    /// A kind of refusal of our own.
    pub const fn new(code: &'static str, status: u16, title: Text, detail: Text) -> Self {
        Self { code, status, title, detail, type_uri: None }
    }
}

impl Text {
    /// A text: French, English.
    pub const fn new(fr: &'static str, en: &'static str) -> Self {
        Self { fr, en }
    }
}
