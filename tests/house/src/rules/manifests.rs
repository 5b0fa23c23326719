//! Manifests: what they inherit, where versions live, what the root denies.

use toml::{Table, Value};

use crate::manifest::{Kind, Manifest};
use crate::{Finding, Tree};

const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

const DENIED: [(&str, &str); 7] = [
    ("rust", "unsafe_code"),
    ("clippy", "unwrap_used"),
    ("clippy", "expect_used"),
    ("clippy", "indexing_slicing"),
    ("clippy", "dbg_macro"),
    ("clippy", "todo"),
    ("clippy", "print_stdout"),
];

const DISALLOWED: [&str; 5] =
    ["jiff::Timestamp::now", "std::time::SystemTime::now", "std::env::var", "reqwest::Client::new", "tokio::spawn"];

fn judge(tree: &Tree, judge: impl Fn(&Manifest) -> Vec<String>) -> Vec<Finding> {
    let members = tree.members();
    members.iter().flat_map(|member| judge(member).into_iter().map(|text| Finding::of(&member.path, text))).collect()
}

fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

/// Edition, version, licence and lints come from the workspace.
pub fn inherit(tree: &Tree) -> Vec<Finding> {
    judge(tree, |member| {
        let own = INHERITED.iter().filter(|key| !is_true(member.at(&["package", key, "workspace"])));
        let own = own.map(|key| format!("write `{key}.workspace = true`"));
        let lints = !is_true(member.at(&["lints", "workspace"]));
        own.chain(lints.then(|| "write `[lints] workspace = true`".to_owned())).collect()
    })
}

/// Folder = package = binary.
pub fn named_after_folder(tree: &Tree) -> Vec<Finding> {
    judge(tree, |member| {
        let package = member.at(&["package", "name"]).and_then(Value::as_str).unwrap_or_default();
        let bins = member.at(&["bin"]).and_then(Value::as_array).into_iter().flatten();
        let bins = bins.filter_map(|bin| bin.get("name")?.as_str());
        let others = std::iter::once(package).chain(bins).filter(|name| *name != member.name);
        others.map(|name| format!("{name:?} should be named after its folder, {:?}", member.name)).collect()
    })
}

/// A member says `x.workspace = true`; versions, paths and registries stand at the root alone.
pub fn versions_at_the_root(tree: &Tree) -> Vec<Finding> {
    judge(tree, |member| {
        let own = member.dependencies().into_iter().filter(|one| !is_true(one.spec.get("workspace")));
        own.map(|one| format!("{} has a version of its own: put it at the root, `workspace = true` here", one.name))
            .collect()
    })
}

/// A service's lib compiles once, and one test binary is linked.
pub fn lib_once(tree: &Tree) -> Vec<Finding> {
    judge(tree, |member| {
        if member.kind != Kind::Service {
            return Vec::new();
        }
        let off = |value: Option<&Value>| value.and_then(Value::as_bool) == Some(false);
        let bins = member.at(&["bin"]).and_then(Value::as_array).cloned().unwrap_or_default();
        let bins_off = bins.len() == 1 && bins.iter().all(|bin| off(bin.get("test")));
        let fine = off(member.at(&["lib", "test"])) && off(member.at(&["lib", "doctest"])) && bins_off;
        if fine {
            Vec::new()
        } else {
            vec!["needs `[lib] test = false, doctest = false` and `[[bin]] test = false`".into()]
        }
    })
}

/// Features make builds differ: only `contracts` has one, for ids as columns.
pub fn no_features(tree: &Tree) -> Vec<Finding> {
    let mut found = judge(tree, |member| {
        let features = member.tables.get("features").and_then(Value::as_table).map_or(0, Table::len);
        if features > 0 && member.name != "contracts" { vec!["has features of its own".into()] } else { Vec::new() }
    });
    let sources = tree.sources().filter(|source| source.path.starts_with("services/"));
    for source in sources {
        let lines = source.lines_of("cfg(feature").into_iter().chain(source.lines_of("cfg(not(feature"));
        found.extend(
            lines.map(|line| Finding::at(&source.path, line, "services have no features: configure at run time")),
        );
    }
    found
}

/// No procedural macro of our own.
pub fn no_macro_crate(tree: &Tree) -> Vec<Finding> {
    judge(tree, |member| {
        let own = is_true(member.at(&["lib", "proc-macro"]));
        own.then(|| "a procedural macro of our own: write the code out".to_owned()).into_iter().collect()
    })
}

/// The lints and the disallowed methods stand at the root.
pub fn root_lints(tree: &Tree) -> Vec<Finding> {
    let root = tree.root();
    let lints = root.get("workspace").and_then(|workspace| workspace.get("lints"));
    let level = |(group, lint): &(&str, &str)| Some(lints?.get(group)?.get(lint)?.as_str()? == "deny");
    let missing = DENIED.iter().filter(|one| level(one) != Some(true));
    let missing = missing.map(|(group, lint)| Finding::of("Cargo.toml", format!("deny {group}'s {lint}")));
    let clippy = tree.text("clippy.toml").unwrap_or_default();
    let free = DISALLOWED.iter().filter(|path| !clippy.contains(&format!("path = \"{path}\"")));
    let free = free.map(|path| Finding::of("clippy.toml", format!("disallow {path}, with its replacement")));
    missing.chain(free).collect()
}
