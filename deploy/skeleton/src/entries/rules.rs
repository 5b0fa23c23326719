//! What an entry may say.

/// Nothing but blanks.
#[derive(Debug, PartialEq, Eq)]
pub struct Blank;

/// The text without the blanks around it.
pub fn text(given: &str) -> Result<String, Blank> {
    let text = given.trim();
    if text.is_empty() { Err(Blank) } else { Ok(text.to_owned()) }
}
