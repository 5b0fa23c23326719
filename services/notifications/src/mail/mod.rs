//! What mails say: templates in two languages, and letters made of them.
//!
//! Texts are files under `templates/`; what a person or another service wrote is only ever a value in them, escaped
//! in HTML and on one line in headers. Start with [`Templates`] and [`letter::write`].

pub mod letter;
mod templates;

use aws_lc_rs::digest;

pub use templates::{Said, Template, Templates};

/// The fingerprint of a key that makes something one mail: it names files and messages without telling the key.
pub fn fingerprint(dedup_key: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, dedup_key.as_bytes()))
}
