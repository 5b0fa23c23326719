//! What a variable's text may be read as.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

/// A type that a variable's text can be read as.
pub trait Setting: Sized {
    /// The value, or what is wrong with the text, in words that follow the variable's name.
    fn parse(text: &str) -> Result<Self, String>;
    /// Stands in for a value that could not be read until the report is made; nobody ever uses it.
    fn absent() -> Self;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("must be a whole number from {} to {}", <$number>::MIN, <$number>::MAX))
            }
            fn absent() -> Self {
                0
            }
        }
    )*};
}
numbers!(u16, u32, u64, usize, i64);

impl Setting for f64 {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().ok().filter(|n: &f64| n.is_finite()).ok_or_else(|| "must be a number".into())
    }
    fn absent() -> Self {
        0.0
    }
}

impl Setting for bool {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" | "yes" => Ok(true),
            "false" | "0" | "no" => Ok(false),
            _ => Err("must be true or false".into()),
        }
    }
    fn absent() -> Self {
        false
    }
}

impl Setting for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn absent() -> Self {
        String::new()
    }
}

impl Setting for SecretString {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned().into())
    }
    fn absent() -> Self {
        String::new().into()
    }
}

impl Setting for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }
    fn absent() -> Self {
        Self::new()
    }
}

impl Setting for Url {
    fn parse(text: &str) -> Result<Self, String> {
        Url::parse(text).map_err(|e| format!("must be a URL: {e}"))
    }
    #[expect(clippy::unwrap_used, reason = "a constant that parses")]
    fn absent() -> Self {
        Url::parse("absent:").unwrap()
    }
}

/// Whatever is a comma-separated list; spaces around the items and empty items are dropped.
impl<T: Setting> Setting for Vec<T> {
    fn parse(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::parse).collect()
    }
    fn absent() -> Self {
        Self::new()
    }
}

/// A span written as a number of seconds; the variable's name ends in `_SECS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub u64);

/// A span written as a number of milliseconds; the variable's name ends in `_MS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Millis(pub u64);

impl Setting for Seconds {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "must be a number of seconds".into())
    }
    fn absent() -> Self {
        Self(0)
    }
}

impl Setting for Millis {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "must be a number of milliseconds".into())
    }
    fn absent() -> Self {
        Self(0)
    }
}

impl From<Seconds> for Duration {
    fn from(span: Seconds) -> Self {
        Duration::from_secs(span.0)
    }
}

impl From<Millis> for Duration {
    fn from(span: Millis) -> Self {
        Duration::from_millis(span.0)
    }
}
