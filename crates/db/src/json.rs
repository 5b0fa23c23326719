//! Columns as JSON, written straight from the bytes that PostgreSQL sent.
//!
//! For the few lists that are read so often that making values of their columns, only to write them out again, would be
//! most of their cost. A type that implements `FromSqlRow` by an [`Object`] names its members in the order of its
//! columns; everybody else derives `Serialize`.

use std::io::Write;

use diesel::deserialize::Result;
use diesel::pg::Pg;
use diesel::row::{Field, Row};
use jiff::Timestamp;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::ts::EPOCH_MICROS;

/// Room for an object of ordinary size.
const ORDINARY: usize = 768;

/// A JSON object whose members are the columns of a row, one after the other.
#[derive(Debug)]
pub struct Object<'r, R> {
    row: &'r R,
    column: usize,
    json: Vec<u8>,
}

impl<'r, 'a, R: Row<'a, Pg>> Object<'r, R> {
    /// An object that begins with the first column.
    pub fn of(row: &'r R) -> Self {
        let mut json = Vec::with_capacity(ORDINARY);
        json.push(b'{');
        Self { row, column: 0, json }
    }

    /// A `uuid`; answers it.
    pub fn uuid(&mut self, name: &str) -> Result<Option<Uuid>> {
        self.member(name, |json, bytes| {
            let id = Uuid::from_slice(bytes)?;
            write_uuid(json, &id);
            Ok(id)
        })
    }

    /// A `text`, which PostgreSQL sends as UTF-8.
    pub fn text(&mut self, name: &str) -> Result<()> {
        self.member(name, write_text).map(drop)
    }

    /// An `int4`.
    pub fn integer(&mut self, name: &str) -> Result<()> {
        self.member(name, |json, bytes| Ok(write!(json, "{}", i32::from_be_bytes(bytes.try_into()?))?)).map(drop)
    }

    /// A `bool`.
    pub fn boolean(&mut self, name: &str) -> Result<()> {
        self.member(name, |json, bytes| {
            json.extend_from_slice(if bytes == [1] { b"true" } else { b"false" });
            Ok(())
        })
        .map(drop)
    }

    /// A `timestamptz`; answers it.
    pub fn instant(&mut self, name: &str) -> Result<Option<Timestamp>> {
        self.member(name, |json, bytes| {
            let micros = i64::from_be_bytes(bytes.try_into()?).checked_add(EPOCH_MICROS).ok_or("out of range")?;
            let at = Timestamp::from_microsecond(micros)?;
            write!(json, "\"{at}\"")?;
            Ok(at)
        })
    }

    /// A `text[]`.
    pub fn texts(&mut self, name: &str) -> Result<()> {
        self.member(name, |json, bytes| array(json, bytes, write_text)).map(drop)
    }

    /// A `uuid[]`, each as an object that has it for its `member`.
    pub fn uuids(&mut self, name: &str, member: &str) -> Result<()> {
        let object = |json: &mut Vec<u8>, bytes: &[u8]| {
            json.push(b'{');
            write_name(json, member);
            write_uuid(json, &Uuid::from_slice(bytes)?);
            json.push(b'}');
            Ok(())
        };
        self.member(name, |json, bytes| array(json, bytes, object)).map(drop)
    }

    /// A `bool` that is not shown.
    pub fn unseen_boolean(&mut self) -> Result<bool> {
        let field = self.row.get(self.column).ok_or("a column less than expected")?;
        self.column += 1;
        Ok(field.value().is_some_and(|value| value.as_bytes() == [1]))
    }

    /// Columns that are not shown.
    pub fn pass(&mut self, columns: usize) {
        self.column += columns;
    }

    /// A member that is known already, as JSON.
    pub fn known(&mut self, name: &str, json: &str) {
        self.begin(name);
        self.json.extend_from_slice(json.as_bytes());
    }

    /// Begins an object within; its members follow until [`Object::close`].
    pub fn open(&mut self, name: &str) {
        self.begin(name);
        self.json.push(b'{');
    }

    /// Ends an object within.
    pub fn close(&mut self) {
        self.json.push(b'}');
    }

    /// The whole object.
    pub fn end(mut self) -> Vec<u8> {
        self.json.push(b'}');
        self.json
    }

    fn begin(&mut self, name: &str) {
        if self.json.last() != Some(&b'{') {
            self.json.push(b',');
        }
        write_name(&mut self.json, name);
    }

    /// The next column under `name`; NULL is `null`.
    fn member<T>(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>, &[u8]) -> Result<T>) -> Result<Option<T>> {
        self.begin(name);
        let field = self.row.get(self.column).ok_or("a column less than expected")?;
        self.column += 1;
        match field.value() {
            Some(value) => write(&mut self.json, value.as_bytes()).map(Some),
            None => {
                self.json.extend_from_slice(b"null");
                Ok(None)
            }
        }
    }
}

/// Our own names need no escapes.
fn write_name(json: &mut Vec<u8>, name: &str) {
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}

fn write_uuid(json: &mut Vec<u8>, id: &Uuid) {
    let mut text = [0; Hyphenated::LENGTH];
    json.push(b'"');
    json.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
    json.push(b'"');
}

/// Nearly all texts need no escape, which is found out many bytes at a time.
fn write_text(json: &mut Vec<u8>, text: &[u8]) -> Result<()> {
    let special = |found: bool, byte: &u8| found | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\');
    if text.iter().fold(false, special) {
        return Ok(serde_json::to_writer(json, str::from_utf8(text)?)?);
    }
    json.push(b'"');
    json.extend_from_slice(text);
    json.push(b'"');
    Ok(())
}

/// An array of one dimension without NULLs: dimensions, whether there are NULLs, the element's type, then (unless it is
/// empty) length and lower bound, then each element behind its size.
fn array(json: &mut Vec<u8>, bytes: &[u8], write: impl Fn(&mut Vec<u8>, &[u8]) -> Result<()>) -> Result<()> {
    json.push(b'[');
    let mut rest = bytes.get(20..).unwrap_or_default();
    while let Some((size, after)) = rest.split_first_chunk::<4>() {
        let size = usize::try_from(i32::from_be_bytes(*size))?;
        let (element, after) = after.split_at_checked(size).ok_or("an array that ends too soon")?;
        if json.last() != Some(&b'[') {
            json.push(b',');
        }
        write(json, element)?;
        rest = after;
    }
    json.push(b']');
    Ok(())
}
