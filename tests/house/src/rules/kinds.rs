//! Kinds of files and what each may not use.

use crate::source::{Source, Token};
use crate::{Finding, Tree};

use super::services::{is_endpoint_file, place};

/// What makes a call over the network, by the words that our code has for it.
const NETWORK: [&str; 12] = [
    "outbound",
    "reqwest",
    "send_json",
    "ports",
    "peer",
    "publish",
    "check_shared",
    "get_or_load",
    "invalidate",
    "redis",
    "spawn_blocking",
    "lapin",
];

fn judge(tree: &Tree, fits: impl Fn(&str) -> bool, patterns: &[&str], instead: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| fits(&source.path)) {
        for pattern in patterns {
            let lines = source.lines_of(pattern).into_iter();
            found.extend(lines.map(|line| Finding::at(&source.path, line, format!("uses {pattern}: {instead}"))));
        }
    }
    found
}

fn named(names: &'static [&'static str]) -> impl Fn(&str) -> bool {
    move |path| place(path).is_some_and(|place| names.iter().any(|name| place.file.rsplit('/').next() == Some(*name)))
}

fn in_folder(folders: &'static [&'static str]) -> impl Fn(&str) -> bool {
    move |path| place(path).is_some_and(|place| place.folder.is_some_and(|folder| folders.contains(&folder)))
}

/// `rules.rs`: values in, values out.
pub fn rules(tree: &Tree) -> Vec<Finding> {
    let patterns = [
        "diesel",
        "diesel_async",
        "actix_web",
        "server",
        "db",
        "outbox",
        "async",
        "await",
        "clock",
        "crate::codes",
        "crate::state",
    ];
    judge(tree, named(&["rules.rs"]), &patterns, "rules are pure: values in, values out, `now` among them")
}

/// `queries.rs` and `row.rs`: SQL, and no word of HTTP.
pub fn queries(tree: &Tree) -> Vec<Finding> {
    let patterns = ["actix_web", "server", "problem", "Problem", "crate::codes", "super::codes"];
    judge(
        tree,
        named(&["queries.rs", "row.rs"]),
        &patterns,
        "queries answer rows or a db::Error; the endpoint names the refusal",
    )
}

/// Endpoint files: read as a story, with the SQL elsewhere.
pub fn endpoints(tree: &Tree) -> Vec<Finding> {
    let patterns = [
        "diesel",
        "diesel_async",
        "crate::schema",
        "lapin",
        "std::env",
        "env::var",
        "Timestamp::now",
        "Zoned::now",
        "SystemTime::now",
        "Uuid::now_v7",
    ];
    judge(
        tree,
        is_endpoint_file,
        &patterns,
        "SQL goes to queries.rs, settings to config.rs, the time comes from `clock`",
    )
}

/// `events/` and `jobs/`: no HTTP.
pub fn events_and_jobs(tree: &Tree) -> Vec<Finding> {
    let patterns = ["actix_web", "server", "outbound", "reqwest"];
    judge(tree, in_folder(&["events", "jobs"]), &patterns, "background work knows neither HTTP nor another service")
}

/// `ports/`: a client library and its trait.
pub fn ports(tree: &Tree) -> Vec<Finding> {
    let patterns = ["rules", "queries"];
    judge(tree, in_folder(&["ports"]), &patterns, "a port wraps its client and decides nothing")
}

/// A resource asks another through its `mod.rs`.
pub fn resources(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources() {
        let Some(own) = place(&source.path).and_then(|place| place.folder) else { continue };
        if matches!(own, "events" | "jobs") {
            continue;
        }
        for (before, module) in modules_before(source, "queries") {
            let own_or_up = matches!(before, "super" | "self" | "crate") || before == own;
            if !own_or_up {
                let text = format!("reaches into {before}::queries: call a `pub` function of {before}/mod.rs");
                found.push(Finding::at(&source.path, module.line, text));
            }
        }
    }
    found
}

/// Each `x::word` of a file: `x` and the word.
fn modules_before<'a>(source: &'a Source, word: &'a str) -> impl Iterator<Item = (&'a str, &'a Token)> {
    source.tokens.windows(4).filter_map(move |window| match window {
        [before, colon, other, module] if module.text == word && colon.text == ":" && other.text == ":" => {
            Some((before.text.as_str(), module))
        }
        _ => None,
    })
}

/// Between the start of a transaction and its end nothing waits for the network.
pub fn transactions(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| place(&source.path).is_some()) {
        for body in transaction_bodies(&source.tokens) {
            for token in body.iter().filter(|token| NETWORK.contains(&token.text.as_str())) {
                let text = format!("{} inside a transaction: read, leave it, call, then write", token.text);
                found.push(Finding::at(&source.path, token.line, text));
            }
        }
    }
    found
}

/// What stands between the brackets of each `.tx( … )`.
fn transaction_bodies(tokens: &[Token]) -> Vec<&[Token]> {
    let starts = tokens.windows(3).enumerate().filter(
        |(_, window)| matches!(window, [dot, tx, open] if dot.text == "." && tx.text == "tx" && open.text == "("),
    );
    let bodies = starts.map(|(at, _)| {
        let rest = tokens.get(at + 2..).unwrap_or_default();
        let mut depth = 0_i32;
        let end = rest.iter().position(|token| {
            depth += i32::from(token.text == "(") - i32::from(token.text == ")");
            depth == 0
        });
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    });
    bodies.collect()
}
