//! What differs from run to run, named instead.

use serde_json::Value;
use uuid::Uuid;

/// Members whose value is never the same twice.
const ALWAYS: &[&str] = &["request_id", "next_cursor", "cursor", "access_token", "refresh_token"];

/// `value` with ids numbered in the order in which they appear, and what is never the same twice named after itself.
pub(crate) fn redacted(value: &Value) -> Value {
    let mut seen = Vec::new();
    walk(value, None, &mut seen)
}

fn walk(value: &Value, name: Option<&str>, seen: &mut Vec<Uuid>) -> Value {
    match value {
        Value::String(_) if name.is_some_and(|name| ALWAYS.contains(&name)) => {
            format!("[{}]", name.unwrap_or_default()).into()
        }
        Value::String(text) => ids_numbered(text, seen).into(),
        Value::Array(items) => items.iter().map(|item| walk(item, None, seen)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), walk(value, Some(name), seen))).collect()
        }
        plain => plain.clone(),
    }
}

/// The text with each id in it numbered, whether it is one or only holds one, as addresses do.
fn ids_numbered(text: &str, seen: &mut Vec<Uuid>) -> String {
    const LENGTH: usize = 36;
    let (mut numbered, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let id = rest.get(..LENGTH).filter(|start| start.contains('-')).and_then(|start| start.parse::<Uuid>().ok());
        let taken = match id {
            Some(id) => {
                let place = seen.iter().position(|known| *known == id).unwrap_or_else(|| {
                    seen.push(id);
                    seen.len() - 1
                });
                numbered.push_str(&format!("[id {}]", place + 1));
                LENGTH
            }
            None => {
                numbered.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    numbered
}
