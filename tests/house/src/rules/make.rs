//! The Makefile: the agreed targets, each a line or three.

use crate::{Finding, Tree};

const TARGETS: [&str; 15] = [
    "help", "run", "up", "down", "travel", "admin", "test", "check", "bench", "t", "openapi", "events", "schema",
    "service", "trail",
];
const RECIPE_LINES: usize = 3;

struct Target<'a> {
    name: &'a str,
    line: usize,
    recipe: usize,
}

fn targets_of(makefile: &str) -> Vec<Target<'_>> {
    let mut all: Vec<Target<'_>> = Vec::new();
    for (at, line) in makefile.lines().enumerate() {
        if line.starts_with('\t') {
            if let Some(last) = all.last_mut() {
                last.recipe += 1;
            }
        } else if let Some((names, _)) = line.split_once(':').filter(|(names, rest)| is_rule(names, rest)) {
            all.extend(names.split_whitespace().map(|name| Target { name, line: at + 1, recipe: 0 }));
        }
    }
    all
}

fn is_rule(names: &str, rest: &str) -> bool {
    !rest.starts_with('=') && !names.starts_with(['.', '#']) && !names.contains('=')
}

/// Every agreed target is there.
pub fn targets(tree: &Tree) -> Vec<Finding> {
    let all = targets_of(tree.text("Makefile").unwrap_or_default());
    let missing = TARGETS.iter().filter(|name| !all.iter().any(|target| target.name == **name));
    missing.map(|name| Finding::of("Makefile", format!("has no target {name}"))).collect()
}

/// A recipe is at most 3 lines: logic lives in Rust or in `deploy/`.
pub fn recipes(tree: &Tree) -> Vec<Finding> {
    let all = targets_of(tree.text("Makefile").unwrap_or_default());
    let long = all.iter().filter(|target| target.recipe > RECIPE_LINES);
    let long = long.map(|target| {
        let text = format!("{} has {} lines, {RECIPE_LINES} at most: move it to deploy/", target.name, target.recipe);
        Finding::at("Makefile", target.line, text).named(target.name)
    });
    long.collect()
}
