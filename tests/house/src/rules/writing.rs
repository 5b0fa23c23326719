//! What files say about themselves.

use crate::{Finding, Tree};

const LEFT_OVER: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

/// Nothing announces work that was not done.
pub fn left_over(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files("", "").filter(|(path, _)| !path.starts_with("tests/house/")) {
        for (at, line) in text.lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if let Some(word) = words.find(|word| LEFT_OVER.contains(word)) {
                found.push(Finding::at(path, at + 1, format!("{word}: do it, or open an issue")));
            }
        }
    }
    for source in tree.sources() {
        let lines = source.lines_of("todo!(").into_iter();
        found.extend(lines.map(|line| Finding::at(&source.path, line, "todo!: do it")));
    }
    found
}

/// Each `lib.rs` and `mod.rs` opens with 2 to 6 lines: what it is, what always holds, where to start.
pub fn modules(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let heads = tree.sources().filter(|source| !source.is_test() && matches!(source.name(), "lib.rs" | "mod.rs"));
    for source in heads {
        let lines =
            source.text.lines().take_while(|line| line.starts_with("//!")).filter(|line| line.len() > 3).count();
        if !(2..=6).contains(&lines) {
            let text = format!("opens with {lines} lines of //!, 2 to 6 say what it is, what holds and where to start");
            found.push(Finding::at(&source.path, 1, text));
        }
    }
    found
}

/// Outside tests an exception to a lint is an `expect` with its reason.
pub fn exceptions(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| !source.is_test() && source.name() != "schema.rs") {
        for pattern in ["#[allow(", "#![allow("] {
            let lines = source.lines_of(pattern).into_iter();
            let text = "an `allow`: write `#[expect(…, reason = \"…\")]`";
            found.extend(lines.map(|line| Finding::at(&source.path, line, text)));
        }
        for pattern in ["#[expect(", "#![expect("] {
            for line in source.lines_of(pattern) {
                let after = source.code.lines().skip(line - 1).collect::<Vec<_>>().join("\n");
                let attribute = after.split(']').next().unwrap_or_default();
                if !attribute.contains("reason") {
                    found.push(Finding::at(&source.path, line, "an `expect` without its reason"));
                }
            }
        }
    }
    found
}
