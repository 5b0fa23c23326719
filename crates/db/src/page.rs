//! Pages of a list, by key: where the next page begins is signed, so that nobody can make up a place.
//!
//! A cursor is `base64url(JSON {k, id, s, f})` and its HMAC: the sort key's values, the id, the order, and a digest of
//! the list's filters. A cursor of another list, order or filter is refused. Start with [`Cursors`].

use std::fmt::{self, Display};

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use problem::{Problem, codes};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use settings::{ExposeSecret, SecretString};
use uuid::Uuid;

/// Longer cursors are not ours.
const LONGEST: usize = 1024;
/// Bytes of the signature that a cursor carries.
const SIGNATURE: usize = 16;

/// Reads and writes cursors.
#[derive(Clone, Debug)]
pub struct Cursors(hmac::Key);

/// Which list, in which order, under which filters.
#[derive(Clone)]
pub struct List {
    sort: &'static str,
    filter: digest::Context,
}

/// The place of a row in a list: its sort key and its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The values it is sorted by, before the id.
    pub k: Vec<Value>,
    /// The id, which settles equal values.
    pub id: Uuid,
}

/// What of a list is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// How many rows at most.
    pub limit: i64,
    /// The row that the page begins behind.
    pub after: Option<Key>,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(flatten)]
    key: Key,
    s: String,
    f: String,
}

impl Cursors {
    /// Cursors signed with this secret, which all instances of a service share.
    pub fn new(secret: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()))
    }

    /// The page of `limit` rows that a cursor stands for; none is the first.
    pub fn page(&self, limit: i64, cursor: Option<&str>, list: &List) -> Result<Page, Problem> {
        let after = cursor.map(|cursor| self.open(cursor, list)).transpose()?;
        Ok(Page { limit, after })
    }

    /// The cursor of the page that begins behind `key`.
    pub fn cursor(&self, key: Key, list: &List) -> String {
        let cursor = Cursor { key, s: list.sort.to_owned(), f: list.digest() };
        let text = BASE64.encode(serde_json::to_vec(&cursor).unwrap_or_default());
        let signature = BASE64.encode(self.signature(&text));
        format!("{text}.{signature}")
    }

    fn open(&self, cursor: &str, list: &List) -> Result<Key, Problem> {
        let bad = || Problem::new(&codes::BAD_CURSOR);
        if cursor.len() > LONGEST {
            return Err(bad());
        }
        let (text, signature) = cursor.split_once('.').ok_or_else(bad)?;
        let signature = BASE64.decode(signature).map_err(|_| bad())?;
        let ours = self.signature(text);
        aws_lc_rs::constant_time::verify_slices_are_equal(&ours, &signature).map_err(|_| bad())?;
        let json = BASE64.decode(text).map_err(|_| bad())?;
        let cursor: Cursor = serde_json::from_slice(&json).map_err(|_| bad())?;
        if cursor.s == list.sort && cursor.f == list.digest() { Ok(cursor.key) } else { Err(bad()) }
    }

    fn signature(&self, text: &str) -> Vec<u8> {
        let mut tag = hmac::sign(&self.0, text.as_bytes()).as_ref().to_vec();
        tag.truncate(SIGNATURE);
        tag
    }
}

impl List {
    /// The list `name` (such as `posts`), sorted by `sort` (such as `new`).
    pub fn new(name: &'static str, sort: &'static str) -> Self {
        let mut filter = digest::Context::new(&digest::SHA256);
        filter.update(name.as_bytes());
        Self { sort, filter }
    }

    /// The same list, with only what `value` lets through. Filters are given in one fixed order.
    #[must_use]
    pub fn filtered(mut self, name: &'static str, value: Option<impl Display>) -> Self {
        let text = value.map(|value| format!("\n{name}={value}")).unwrap_or_default();
        self.filter.update(text.as_bytes());
        self
    }

    fn digest(&self) -> String {
        let digest = self.filter.clone().finish();
        BASE64.encode(digest.as_ref().get(..9).unwrap_or_default())
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List({} {})", self.sort, self.digest())
    }
}

impl Key {
    /// The place of a row sorted by an instant.
    pub fn at(at: Timestamp, id: Uuid) -> Self {
        Self::by(at.as_microsecond(), id)
    }

    /// The place of a row sorted by a number or a text.
    pub fn by(value: impl Into<Value>, id: Uuid) -> Self {
        Self { k: vec![value.into()], id }
    }

    /// The number it is sorted by.
    pub fn number(&self) -> Option<i64> {
        self.k.first()?.as_i64()
    }

    /// The text it is sorted by.
    pub fn text(&self) -> Option<&str> {
        self.k.first()?.as_str()
    }

    /// The instant it is sorted by.
    pub fn instant(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.number()?).ok()
    }
}

impl Page {
    /// How many rows to read: one more than asked for tells whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// Where a list of the latest first goes on: its rows are dated before this. The first page begins behind all.
    pub fn before(&self) -> (Timestamp, Uuid) {
        match &self.after {
            None => (Timestamp::MAX, Uuid::max()),
            Some(key) => (key.instant().unwrap_or(Timestamp::MIN), key.id),
        }
    }

    /// Splits the rows that were read into those of this page and the key that the next one begins behind.
    pub fn split<T>(&self, mut rows: Vec<T>, key: impl FnOnce(&T) -> Key) -> (Vec<T>, Option<Key>) {
        let limit = usize::try_from(self.limit).unwrap_or(0);
        if rows.len() <= limit {
            return (rows, None);
        }
        rows.truncate(limit);
        let next = rows.last().map(key);
        (rows, next)
    }
}
