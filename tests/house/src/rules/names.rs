//! Names: words that say nothing, and prefixes.

use crate::source::Source;
use crate::{Finding, Tree};

const BANNED: [&str; 12] =
    ["manager", "helper", "util", "common", "base", "data", "info", "process", "handle", "dto", "managers", "helpers"];
const BANNED_TOO: [&str; 3] = ["utils", "dtos", "infos"];

/// Where a message is handled.
const EVENTS: [&str; 3] = ["crates/bus/", "crates/outbox/", "crates/testkit/"];

/// The words of a name in snake or camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for sign in name.chars() {
        if sign == '_' || sign == '-' || sign == '.' || sign.is_ascii_uppercase() {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut().filter(|_| sign.is_ascii_alphanumeric()) {
            last.push(sign.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn banned_word(name: &str, events: bool) -> Option<String> {
    let is_banned = |word: &String| BANNED.contains(&word.as_str()) || BANNED_TOO.contains(&word.as_str());
    words(name).into_iter().find(|word| is_banned(word) && !(events && word == "handle"))
}

fn is_of_events(path: &str) -> bool {
    path.contains("/events/") || EVENTS.iter().any(|start| path.starts_with(start))
}

/// What a file defines: the keyword, the name and its line.
fn definitions(source: &Source) -> impl Iterator<Item = (&str, &str, usize)> {
    const KEYWORDS: [&str; 7] = ["fn", "struct", "enum", "trait", "type", "mod", "union"];
    source.tokens.windows(2).filter_map(|window| match window {
        [keyword, name] if KEYWORDS.contains(&keyword.text.as_str()) && name.is_word() => {
            Some((keyword.text.as_str(), name.text.as_str(), name.line))
        }
        _ => None,
    })
}

/// No file, type or function is named by a word that says nothing. Tests are sentences and may use any.
pub fn banned_words(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in tree.paths().filter(|path| path.ends_with(".rs") || path.ends_with(".sql")) {
        let mut parts = path.split('/');
        if let Some(word) = parts.find_map(|part| banned_word(part, is_of_events(path))) {
            found.push(Finding::of(path, format!("`{word}` in its path says nothing: name it after what it does")));
        }
    }
    for source in tree.sources().filter(|source| !source.is_test()) {
        for (_, name, line) in definitions(source) {
            if let Some(word) = banned_word(name, is_of_events(&source.path)) {
                let text = format!("`{word}` in {name} says nothing: name it after what it is or does");
                found.push(Finding::at(&source.path, line, text).named(name));
            }
        }
    }
    found
}

/// A getter is named after what it gives.
pub fn getters(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| !source.is_test()) {
        let prefixed = definitions(source).filter(|(keyword, name, _)| *keyword == "fn" && name.starts_with("get_"));
        let own = prefixed.filter(|(_, name, _)| *name != "get_or_load");
        found.extend(
            own.map(|(_, name, line)| Finding::at(&source.path, line, format!("{name}: leave `get_` off")).named(name)),
        );
    }
    found
}

/// No `IThing`.
pub fn traits(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources() {
        let prefixed = definitions(source).filter(|(keyword, name, _)| {
            let mut signs = name.chars();
            *keyword == "trait" && signs.next() == Some('I') && signs.next().is_some_and(|c| c.is_ascii_uppercase())
        });
        found.extend(
            prefixed.map(|(_, name, line)| {
                Finding::at(&source.path, line, format!("{name}: leave the `I` off")).named(name)
            }),
        );
    }
    found
}
