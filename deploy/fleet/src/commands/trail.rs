//! One request across all logs.

use serde_json::{Map, Value};

use super::logs;
use crate::failure::Failure;
use crate::place::Place;
use crate::say::say;

/// Shown before the other fields, or not at all.
const PLAIN: [&str; 7] = ["timestamp", "level", "msg", "request_id", "service", "version", "target"];

/// Shows every line that names this request, by time.
pub fn show(place: &Place, id: &str) -> Result<(), Failure> {
    let mut found = Vec::new();
    for (name, path) in logs::all(place) {
        let text = std::fs::read(&path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        found.extend(text.lines().filter(|line| line.contains(id)).filter_map(|line| told(&name, line)));
    }
    found.sort();
    if found.is_empty() {
        return Failure::say(format!("no log names {id}"));
    }
    found.iter().for_each(|(_, line)| say(line));
    Ok(())
}

/// A line of a log by its time: when, who, how bad, what, and its other fields.
pub fn told(name: &str, line: &str) -> Option<(String, String)> {
    let fields: Map<String, Value> = serde_json::from_str(line).ok()?;
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let others = fields.iter().filter(|(key, _)| !PLAIN.contains(&key.as_str()));
    let others = others.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ");
    let (time, level, message) = (text("timestamp"), text("level"), text("msg"));
    Some((time.clone(), format!("{time} {name:<14} {level:<5} {message} {others}")))
}
