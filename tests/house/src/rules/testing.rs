//! Tests: none skipped, none sleeping, each a sentence in its place.

use crate::source::{Function, Source};
use crate::{Finding, Tree};

/// The functions that may sleep: `until` and `eventually` between two looks at a condition, bounded; `pause` between
/// two calls of a client that makes traffic.
const WAITS: [&str; 3] = ["until", "eventually", "pause"];

fn tests(source: &Source) -> Vec<Function> {
    let is_test = |path: &String| path == "test" || path.ends_with("::test");
    source.functions().into_iter().filter(|function| function.attributes.iter().any(is_test)).collect()
}

/// No test is ignored or left to be written.
pub fn skipped(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources() {
        for pattern in ["#[ignore", "#[should_panic", "#![cfg(not(test", "unimplemented!("] {
            let lines = source.lines_of(pattern).into_iter();
            found.extend(
                lines.map(|line| Finding::at(&source.path, line, format!("{pattern}: write the test so that it runs"))),
            );
        }
    }
    found
}

/// A test waits for a condition and never for a time.
pub fn sleeps(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| source.is_test() && !source.path.starts_with("tests/bench/")) {
        let waits: Vec<Function> =
            source.functions().into_iter().filter(|function| WAITS.contains(&function.name.as_str())).collect();
        for line in source.lines_of("sleep(") {
            let allowed = waits.iter().any(|wait| (wait.line..wait.line + wait.lines).contains(&line));
            if !allowed {
                found.push(Finding::at(&source.path, line, "a sleep: wait for a condition with `until`"));
            }
        }
    }
    found
}

/// Names are sentences of at least three words, without `test_`.
pub fn named(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources() {
        for test in tests(source) {
            let words = test.name.split('_').filter(|word| !word.is_empty()).count();
            if test.name.starts_with("test_") || words < 3 {
                let text = format!("{}: a test is named by a sentence that says what holds", test.name);
                found.push(Finding::at(&source.path, test.line, text).named(&test.name));
            }
        }
    }
    found
}

/// Unit tests sit in files named `tests.rs`.
pub fn in_their_files(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| !source.is_test()) {
        found.extend(tests(source).iter().map(|test| {
            Finding::at(&source.path, test.line, "a test beside code: `#[cfg(test)] mod tests;` and a file tests.rs")
                .named(&test.name)
        }));
    }
    found
}
