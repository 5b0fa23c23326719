//! serde's findings: what is not JSON is 400, JSON of another shape than asked for is 422 with a pointer.

use problem::{FieldError, Problem, Text, codes};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// Why this body could not be read as a `T`.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> Problem {
    if error.classify() != Category::Data {
        return malformed(error);
    }
    // The shape was wrong before the end: what follows may not even be JSON.
    if let Err(error) = serde_json::from_slice::<Value>(body) {
        return malformed(&error);
    }
    // Read once more, now keeping track of where: what is well formed need not pay for it.
    let mut reader = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(found) => invalid("/", found.path(), &found.inner().to_string()),
        Ok(_) => Problem::new(&codes::INVALID),
    }
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(&codes::MALFORMED_JSON).with("line", error.line()).with("column", error.column())
}

/// Reads `name=value&…`; names in errors begin with `root`.
pub(crate) fn pairs<T: DeserializeOwned>(text: &[u8], root: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_pairs(text));
    serde_path_to_error::deserialize(pairs).map_err(|found| invalid(root, found.path(), &found.inner().to_string()))
}

fn form_pairs(text: &[u8]) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text)
}

fn invalid(root: &str, path: &Path, message: &str) -> Problem {
    let (code, text, member) = understood(message);
    let mut pointer = pointer(root, path);
    if let Some(member) = member.filter(|member| !names_last(path, member)) {
        pointer.push_str(if pointer.is_empty() { root } else { "/" });
        pointer.push_str(&escaped(member));
    }
    Problem::new(&codes::INVALID).field(FieldError::new(pointer, code, text))
}

/// What serde meant, and the member it spoke of.
fn understood(message: &str) -> (&'static str, Text, Option<&str>) {
    let member = || message.split('`').nth(1);
    if message.starts_with("unknown field") {
        (
            "unknown_field",
            Text::new("Ce champ n'existe pas ici. Retirez-le.", "There is no such field here. Remove it."),
            member(),
        )
    } else if message.starts_with("missing field") {
        ("missing", Text::new("Ce champ est obligatoire.", "This field is required."), member())
    } else if message.starts_with("duplicate field") {
        ("duplicate", Text::new("Ce champ est donné deux fois.", "This field is given twice."), member())
    } else if message.starts_with("unknown variant") {
        (
            "unknown_value",
            Text::new("Cette valeur n'est pas l'une de celles permises.", "This is not one of the values allowed."),
            None,
        )
    } else if message.starts_with("invalid type") || message.starts_with("invalid length") {
        (
            "wrong_type",
            Text::new("La valeur n'est pas du type attendu.", "The value is not of the expected type."),
            None,
        )
    } else {
        (
            "invalid",
            Text::new("La valeur n'a pas la forme attendue.", "The value does not have the expected form."),
            None,
        )
    }
}

fn names_last(path: &Path, member: &str) -> bool {
    matches!(path.iter().next_back(), Some(Segment::Map { key }) if key == member)
}

fn pointer(root: &str, path: &Path) -> String {
    let parts = path.iter().map(|segment| match segment {
        Segment::Seq { index } => index.to_string(),
        Segment::Map { key } => escaped(key),
        Segment::Enum { variant } => escaped(variant),
        Segment::Unknown => "?".to_owned(),
    });
    let parts = parts.collect::<Vec<_>>().join("/");
    if parts.is_empty() { parts } else { format!("{root}{parts}") }
}

/// A member's name in a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
