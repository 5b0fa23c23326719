//! A letter: words, sender, reader, date and identity, ready for a mail server.

use contracts::Language;
use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::{Said, fingerprint};
use crate::deliveries::rules::single_line;

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The address is none.
    #[error("not an address")]
    Address,
    /// The headers or the body cannot be put together.
    #[error("not a message: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Who is written to.
pub struct Recipient<'a> {
    /// The address.
    pub address: &'a str,
    /// What to call them.
    pub name: Option<&'a str>,
    /// The language they read.
    pub language: Language,
}

/// A letter that says `said`. Written again for the same `dedup_key` it has the same Message-ID, so that a mail
/// server or reader that gets it twice can tell.
pub fn write(
    from: &Mailbox,
    to: &Recipient<'_>,
    said: Said,
    dedup_key: &str,
    now: Timestamp,
) -> Result<Message, Unwritable> {
    let address: Address = to.address.parse().map_err(|_| Unwritable::Address)?;
    let id = fingerprint(dedup_key);
    // lettre panics where a header would have to hold a control character.
    let name = to.name.map(single_line).filter(|name| !name.is_empty());
    let message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(name, address))
        .subject(single_line(&said.subject))
        .date(now.into())
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .raw_header(plain_header("Auto-Submitted", "auto-generated"))
        .raw_header(plain_header("Content-Language", to.language.tag()))
        .multipart(MultiPart::alternative_plain_html(said.text, said.html))?;
    Ok(message)
}

fn plain_header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
