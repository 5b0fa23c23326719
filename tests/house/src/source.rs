//! A Rust file, cut into tokens without a parser.
//!
//! Comments and the contents of strings are blanked out of [`Source::code`], byte for byte, so that a rule that
//! looks for `now()` finds neither a sentence nor a fixture. [`Source::literals`] keeps what stood in strings.

mod blank;
mod functions;
mod tokens;

pub use functions::Function;
pub use tokens::{Token, tokens};

/// A Rust file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path from the top.
    pub path: String,
    /// All of it.
    pub text: String,
    /// The text with comments and the contents of strings blanked.
    pub code: String,
    /// The contents of strings alone, everything else blanked.
    pub literals: String,
    /// The tokens of the code.
    pub tokens: Vec<Token>,
}

impl Source {
    /// Cuts a file up.
    pub fn new(path: &str, text: &str) -> Self {
        let (code, literals) = blank::split(text);
        let tokens = tokens(&code);
        Self { path: path.into(), text: text.into(), code, literals, tokens }
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether only tests see it.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.name() == "tests.rs"
            || self.path.starts_with("crates/testkit/")
    }

    /// The lines where this sequence of tokens stands: `Timestamp::now`, `#[ignore`, `.is_admin`.
    pub fn lines_of(&self, pattern: &str) -> Vec<usize> {
        let wanted = tokens(pattern);
        let at = |window: &[Token]| window.iter().zip(&wanted).all(|(here, want)| here.text == want.text);
        if wanted.is_empty() {
            return Vec::new();
        }
        self.tokens.windows(wanted.len()).filter(|window| at(window)).filter_map(|w| Some(w.first()?.line)).collect()
    }

    /// Whether this sequence of tokens stands anywhere.
    pub fn says(&self, pattern: &str) -> bool {
        !self.lines_of(pattern).is_empty()
    }

    /// Its functions that have a body, in order.
    pub fn functions(&self) -> Vec<Function> {
        functions::of(&self.tokens)
    }
}
