//! Direction: who may depend on whom, and who alone owns a heavy library.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{Dependency, Kind, Manifest};
use crate::{Finding, Tree};

/// The levels. A crate depends on lower ones alone. `telemetry` has one to itself: whoever calls, publishes or
/// answers passes on the request that it carries.
const LEVELS: [(&str, u8); 18] = [
    ("contracts", 0),
    ("settings", 0),
    ("clock", 0),
    ("problem", 0),
    ("uds", 0),
    ("telemetry", 1),
    ("db", 2),
    ("cache", 2),
    ("bus", 2),
    ("outbound", 2),
    ("authn", 3),
    ("outbox", 3),
    ("limits", 3),
    ("llm", 3),
    ("backing", 3),
    ("gdpr", 4),
    ("server", 4),
    ("testkit", 5),
];

/// What a lower level does not yet forbid.
const NEVER: [(&str, &[&str]); 2] = [
    ("gateway", &["db", "outbox", "gdpr", "server", "backing"]),
    ("server", &["bus", "db", "outbox", "gdpr", "cache", "limits", "backing"]),
];

/// Heavy libraries and who may depend on them. `services` stands for all of them.
const OWNERS: [(&[&str], &[&str]); 18] = [
    (
        &["actix-web", "actix-http", "actix-rt", "actix-server", "actix-service", "actix-ws", "utoipa-actix-web"],
        &["server", "services", "testkit"],
    ),
    (&["actix-multipart"], &["media"]),
    (&["hyper", "hyper-util", "http", "http-body-util", "tokio-rustls", "utoipa-swagger-ui"], &["gateway"]),
    (&["lapin"], &["bus"]),
    (&["diesel", "diesel-async"], &["db", "outbox", "gdpr", "services", "testkit", "contracts"]),
    (&["diesel_migrations"], &["db", "services", "testkit"]),
    (&["deadpool", "tokio-postgres-rustls"], &["db"]),
    (&["tokio-postgres"], &["db", "backing"]),
    (&["jsonwebtoken"], &["authn", "auth", "testkit"]),
    (&["redis"], &["cache"]),
    (&["moka"], &["cache"]),
    (&["reqwest"], &["outbound", "testkit"]),
    (&["tracing-subscriber", "tracing-opentelemetry", "metrics-exporter-prometheus"], &["telemetry"]),
    (&["opentelemetry", "opentelemetry_sdk", "opentelemetry-otlp"], &["telemetry"]),
    (&["secrecy", "config"], &["settings"]),
    (&["argon2", "bcrypt", "openidconnect", "webauthn-rs", "totp-rs"], &["auth"]),
    (&["lettre", "minijinja"], &["notifications"]),
    (&["mongodb"], &["media"]),
];

/// With these a crate's own tests look at a real server.
const DRIVERS: [&str; 6] = ["lapin", "redis", "mongodb", "tokio-postgres", "diesel_migrations", "reqwest"];

fn level(member: &Manifest) -> u8 {
    match member.kind {
        Kind::Crate => level_of(&member.name),
        Kind::Service | Kind::Gateway => 6,
        Kind::Fleet => 7,
        Kind::Tests => 8,
    }
}

fn level_of(name: &str) -> u8 {
    LEVELS.iter().find(|(known, _)| *known == name).map_or(5, |(_, level)| *level)
}

fn finding(member: &Manifest, dependency: &str, why: &str) -> Finding {
    Finding::of(&member.path, format!("depends on {dependency}: {why}")).named(dependency)
}

/// Dependencies among our own point down.
pub fn direction(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    let kinds: BTreeMap<&str, &Manifest> = members.iter().map(|member| (member.name.as_str(), member)).collect();
    let mut found = Vec::new();
    for member in &members {
        for one in member.dependencies() {
            let Some(other) = kinds.get(one.name) else { continue };
            if let Some(why) = upward(member, &one, other) {
                found.push(finding(member, one.name, why));
            }
        }
    }
    found
}

fn upward(member: &Manifest, one: &Dependency<'_>, other: &Manifest) -> Option<&'static str> {
    let (from, to) = (member.kind, other.kind);
    let never =
        NEVER.iter().find(|(name, _)| *name == member.name).is_some_and(|(_, others)| others.contains(&one.name));
    match to {
        _ if never => Some("the map says never"),
        Kind::Gateway if !matches!(from, Kind::Fleet | Kind::Tests) => Some("nobody but fleet knows the gateway"),
        Kind::Tests if from == Kind::Fleet && one.dev => None,
        Kind::Fleet | Kind::Tests if from != Kind::Tests => Some("it stands above everything"),
        Kind::Service if from == Kind::Crate => Some("a crate never knows a service"),
        Kind::Service if from == Kind::Service => Some("a service never knows another: events and copies, or its API"),
        Kind::Service if from == Kind::Gateway => Some("the gateway knows services by their address"),
        Kind::Crate if one.name == "testkit" => {
            let fine = one.dev && matches!(from, Kind::Service | Kind::Fleet) || from == Kind::Tests;
            (!fine).then_some("only the tests of services see testkit; below server, tests use backing")
        }
        Kind::Crate if one.name == "backing" => {
            let fine = one.dev || matches!(from, Kind::Fleet | Kind::Tests) || member.name == "testkit";
            (!fine).then_some("only the launcher and tests start servers")
        }
        Kind::Crate if one.dev => (level(other) > level(member)).then_some("even in tests, it stands above"),
        Kind::Crate => (level(other) >= level(member)).then_some("it does not stand below"),
        _ => None,
    }
}

/// A crate has two users.
pub fn earned(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    let mut found = Vec::new();
    for member in members.iter().filter(|member| member.kind == Kind::Crate) {
        let uses = |user: &&Manifest| user.dependencies().iter().any(|one| one.name == member.name);
        let users: BTreeSet<&str> = members.iter().filter(uses).map(|user| user.name.as_str()).collect();
        if users.len() < 2 {
            let text =
                format!("has {} user(s), two make a crate: until then it is a module of its service", users.len());
            found.push(Finding::of(member.folder(), text));
        }
    }
    found
}

/// A heavy library is known to its owner alone. Tests may look at a server with its official driver.
pub fn libraries(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    let mut found = Vec::new();
    for member in members.iter().filter(|member| member.kind != Kind::Tests) {
        for one in member.dependencies() {
            let Some((_, owners)) = OWNERS.iter().find(|(libraries, _)| libraries.contains(&one.name)) else {
                continue;
            };
            let service = member.kind == Kind::Service && owners.contains(&"services");
            let looks = one.dev && member.kind == Kind::Crate && DRIVERS.contains(&one.name);
            let tests_http = one.dev && one.name == "reqwest";
            let column = member.name == "contracts" && one.spec.get("optional").is_none();
            if !(service || looks || tests_http || owners.contains(&member.name.as_str()))
                || column && one.name == "diesel"
            {
                let text = format!("it belongs to {}", owners.join(", "));
                found.push(finding(member, one.name, &text));
            }
        }
    }
    found
}

/// Typed ids as columns stay out of the gateway.
pub fn gateway_without_diesel(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    let gateway = members.iter().filter(|member| matches!(member.kind, Kind::Gateway));
    let with = gateway.filter(|member| {
        let features = member.at(&["dependencies", "contracts", "features"]).and_then(toml::Value::as_array);
        features.is_some_and(|features| !features.is_empty())
    });
    with.map(|member| Finding::of(&member.path, "leave contracts' diesel feature off: the gateway knows no database"))
        .collect()
}
