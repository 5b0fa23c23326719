//! The tree: what stands at the top, which crates there are, who has a README.

use std::collections::BTreeSet;

use crate::{Finding, Tree};

/// The top level, and the files that a tool insists on.
const TOP: [&str; 16] = [
    "Cargo.toml",
    "services",
    "gateway",
    "crates",
    "deploy",
    "docker-compose.yml",
    "k8s",
    "tests",
    "Makefile",
    "Cargo.lock",
    "README.md",
    "LICENSE",
    "deny.toml",
    "clippy.toml",
    "rustfmt.toml",
    "rust-toolchain.toml",
];

/// The crates: each has one job that house rules describe.
pub const CRATES: [&str; 18] = [
    "contracts",
    "settings",
    "clock",
    "problem",
    "uds",
    "telemetry",
    "authn",
    "db",
    "cache",
    "limits",
    "bus",
    "outbox",
    "gdpr",
    "outbound",
    "llm",
    "server",
    "backing",
    "testkit",
];

const README_LINES: usize = 40;

/// Nothing joins the top level but dotfiles.
pub fn top_level(tree: &Tree) -> Vec<Finding> {
    let tops: BTreeSet<&str> = tree.paths().map(|path| path.split('/').next().unwrap_or(path)).collect();
    let strangers = tops.into_iter().filter(|top| !top.starts_with('.') && !TOP.contains(top));
    strangers
        .map(|top| Finding::of(top, "the top level is fixed: put it below services, crates, deploy or tests"))
        .collect()
}

/// There is no crate but those that the map names.
pub fn known_crates(tree: &Tree) -> Vec<Finding> {
    let names: BTreeSet<&str> =
        tree.paths().filter_map(|path| path.strip_prefix("crates/")?.split_once('/')).map(|(name, _)| name).collect();
    let strangers = names.into_iter().filter(|name| !CRATES.contains(name));
    let text =
        "a crate that the map does not name: make it a module of its service, or put it on the map with two users";
    strangers.map(|name| Finding::of(format!("crates/{name}"), text)).collect()
}

/// Every member has a README of at most 40 lines.
pub fn readmes(tree: &Tree) -> Vec<Finding> {
    let folders = tree.members().into_iter().map(|member| member.folder().to_owned());
    let judged = folders.filter_map(|folder| {
        let path = format!("{folder}README.md");
        let Some(text) = tree.text(&path) else {
            return Some(Finding::of(folder, "has no README.md: say what it is for in a few lines"));
        };
        let lines = text.lines().count();
        (lines > README_LINES).then(|| Finding::of(path, format!("{lines} lines, {README_LINES} at most")).sized(lines))
    });
    judged.collect()
}

/// Paths in backticks lead somewhere: from the top, or from the README's own folder. The page of recipes speaks of files
/// to be.
pub fn readme_paths(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files("", "README.md").filter(|(path, _)| *path != "services/README.md") {
        let folder = path.trim_end_matches("README.md");
        for (at, line) in text.lines().enumerate() {
            for named in backticked(line).filter(|named| is_path(named)) {
                let candidates = [named.to_owned(), format!("{folder}{named}"), format!("{folder}src/{named}")];
                let there = candidates.iter().any(|path| tree.has(path) || tree.has_folder(path));
                if !there {
                    found.push(Finding::at(path, at + 1, format!("names {named}, which is not there")));
                }
            }
        }
    }
    found
}

/// The README shows the two commands and three walkthroughs, and the recipes have their page.
pub fn readme_map(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let readme = tree.text("README.md").unwrap_or_default();
    for command in ["make run", "make test"] {
        if !readme.contains(command) {
            found.push(Finding::of("README.md", format!("does not show `{command}`")));
        }
    }
    let walks = readme.lines().filter(|line| line.starts_with("### ")).count();
    if walks < 3 {
        found.push(Finding::of(
            "README.md",
            format!("walks {walks} journeys file by file (headings ###), three at least"),
        ));
    }
    if !tree.has("services/README.md") {
        found.push(Finding::of("services/README.md", "is missing: it holds the recipes"));
    }
    found
}

fn backticked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether it looks like a file of this project and not like an address, a pattern or a command.
fn is_path(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let file = [".rs", ".toml", ".sql", ".md", ".json", ".sh"].iter().any(|ending| text.ends_with(ending));
    plain && text.contains('/') && !text.starts_with(['/', '.']) && file
}
