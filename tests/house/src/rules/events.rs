//! Who emits and who reads each event, computed from the sources.
//!
//! Declared: the `event!` macros of `contracts`. Emitted: a struct that is built in a folder of a service that calls
//! `emit`, or makes its text by `enveloped`, or in such a folder of a crate by every service that depends on it. Read: `Received<Struct>`, what a handler in a service's `events/` takes, or
//! `.on::<Struct>`. The page is `crates/contracts/EVENTS.md`.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{Kind, Manifest};
use crate::source::{Source, Token};
use crate::{Finding, Tree};

use super::services::place;

const PAGE: &str = "crates/contracts/EVENTS.md";

/// An event: where it is declared, published, emitted and read.
#[derive(Debug, Default)]
struct Event {
    name: String,
    file: String,
    exchange: String,
    emitters: BTreeSet<String>,
    readers: BTreeSet<String>,
}

/// Events by type.
fn events(tree: &Tree) -> BTreeMap<String, Event> {
    let mut all = declared(tree);
    let emitting: BTreeSet<&str> = tree.sources().filter(|one| emits(one)).map(|one| folder(&one.path)).collect();
    for source in tree.sources().filter(|source| !source.is_test()) {
        let Some(place) = place(&source.path) else {
            for event in all.values_mut().filter(|event| builds(&source.tokens, &event.name)) {
                if emitting.contains(folder(&source.path)) && event.file != source.path {
                    event.emitters.extend(services_on(tree, &source.path));
                }
            }
            continue;
        };
        for event in all.values_mut() {
            if emitting.contains(folder(&source.path)) && builds(&source.tokens, &event.name) {
                event.emitters.insert(place.service.to_owned());
            }
            if read_in(source).iter().any(|(name, _)| *name == event.name) {
                event.readers.insert(place.service.to_owned());
            }
        }
    }
    all
}

/// The services that depend on the crate that this file is of.
fn services_on(tree: &Tree, path: &str) -> BTreeSet<String> {
    let Some(owner) = path.strip_prefix("crates/").and_then(|rest| rest.split('/').next()) else {
        return BTreeSet::new();
    };
    let members = tree.members();
    let uses = |member: &&Manifest| {
        member.kind == Kind::Service && member.dependencies().iter().any(|one| one.name == owner && !one.dev)
    };
    members.iter().filter(uses).map(|member| member.name.clone()).collect()
}

fn emits(source: &Source) -> bool {
    !source.is_test() && (source.says("emit(") || source.says("enveloped("))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Each `"type.v1", Exchange, Name {` of an `event!`: the type stands in a string, the rest in code.
fn declared(tree: &Tree) -> BTreeMap<String, Event> {
    let mut all = BTreeMap::new();
    let files = tree.sources().filter(|source| source.path.starts_with("crates/contracts/src/") && !source.is_test());
    for source in files {
        for (line, code) in source.code.lines().enumerate() {
            let words: Vec<&str> =
                code.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
            let [exchange @ ("Journaled" | "Private" | "Revocations"), name, ..] = words.as_slice() else { continue };
            let Some(event_type) = source.literals.lines().nth(line).map(str::trim).filter(|text| text.contains('.'))
            else {
                continue;
            };
            let event = Event {
                name: (*name).into(),
                file: source.path.clone(),
                exchange: (*exchange).into(),
                ..Event::default()
            };
            all.insert(event_type.to_owned(), event);
        }
    }
    all
}

/// Whether a value of this struct is made: `Name {` or `Name::…`, but not `Received<Name>` or `on::<Name>`.
fn builds(tokens: &[Token], name: &str) -> bool {
    tokens.windows(3).any(|window| match window {
        [before, own, after] => {
            let defines = matches!(before.text.as_str(), "struct" | "for" | "enum" | ">" | "<");
            own.text == name && !defines && matches!(after.text.as_str(), "{" | ":")
        }
        _ => false,
    })
}

/// An event that nobody emits, or that goes nowhere, is an orphan; so is one read by a service's own mistake.
pub fn orphans(tree: &Tree) -> Vec<Finding> {
    let all = events(tree);
    let mut found = Vec::new();
    for (event_type, event) in &all {
        if event.emitters.is_empty() {
            found.push(Finding::of(&event.file, format!("nobody emits {event_type}")).named(&event.name));
        }
        if event.exchange == "Private" && event.readers.is_empty() {
            let text = format!("nobody reads {event_type}: a private event without a reader cannot be delivered");
            found.push(Finding::of(&event.file, text).named(&event.name));
        }
    }
    for source in tree.sources().filter(|source| place(&source.path).is_some()) {
        for (name, line) in read_in(source) {
            if !all.values().any(|event| event.name == name) {
                found.push(Finding::at(&source.path, line, format!("reads {name}, which contracts does not declare")));
            }
        }
    }
    found
}

/// The structs that a file in `events/` reads: of `.on::<Struct>` and of `Received<Struct>`.
fn read_in(source: &Source) -> Vec<(String, usize)> {
    let in_events = place(&source.path).is_some_and(|place| place.folder == Some("events"));
    let names = source.tokens.windows(5).filter_map(|window| match window {
        [on, a, b, open, name] if on.text == "on" && a.text == ":" && b.text == ":" && open.text == "<" => Some(name),
        [.., received, open, name] if received.text == "Received" && open.text == "<" => Some(name),
        _ => None,
    });
    let named = |name: &&Token| name.text.starts_with(|first: char| first.is_ascii_uppercase());
    names.filter(named).filter(|_| in_events).map(|name| (name.text.clone(), name.line)).collect()
}

/// The page as it should be.
pub fn page(tree: &Tree) -> String {
    let mut text = String::from(
        "# Events\n\nWritten by `make events` from the sources; checked by `tests/house`. Payloads: `schemas/`. Exchanges: \
         journaled ones go by\n`fleet.in` to whoever binds them and are kept 30 days in the journal, private ones by \
         `fleet.private` to the readers\nnamed here alone, revocations to every process that verifies tokens.\n\n\
         | type | exchange | emitted by | read by |\n|---|---|---|---|\n",
    );
    for (event_type, event) in events(tree) {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        let readers = match (event.exchange.as_str(), event.readers.is_empty()) {
            ("Revocations", _) => "every verifier".to_owned(),
            ("Journaled", true) => "the journal".to_owned(),
            _ => list(&event.readers),
        };
        let exchange = event.exchange.to_ascii_lowercase();
        text += &format!("| {event_type} | {exchange} | {} | {readers} |\n", list(&event.emitters));
    }
    text
}

/// `EVENTS.md` says what the sources say.
pub fn page_is_current(tree: &Tree) -> Vec<Finding> {
    let current = tree.text(PAGE) == Some(page(tree).as_str());
    if current { Vec::new() } else { vec![Finding::of(PAGE, "is not what the sources say: `make events`")] }
}
