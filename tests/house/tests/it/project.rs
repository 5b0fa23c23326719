//! The project keeps its rules.

use std::path::{Path, PathBuf};

use house::{ALL, Allowed, Tree};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn allowed() -> Allowed {
    Allowed::parse(include_str!("../../allowed.toml")).unwrap()
}

#[test]
fn the_project_keeps_every_rule() {
    let (tree, allowed) = (Tree::read(&top()).unwrap(), allowed());
    let mut broken = String::new();
    for (name, rule) in ALL {
        for finding in allowed.sift(name, rule(&tree)) {
            broken += &format!("{name}\n    {finding}\n");
        }
    }
    assert!(broken.is_empty(), "\n{broken}");
}

#[test]
fn every_exception_belongs_to_a_rule() {
    let strangers: Vec<String> =
        allowed().rules().filter(|rule| !ALL.iter().any(|(name, _)| name == rule)).map(str::to_owned).collect();
    assert_eq!(strangers, Vec::<String>::new());
}

/// `make events` runs this with `UPDATE=1`, which writes the page.
#[test]
fn the_event_page_can_be_written() {
    let page = house::rules::events::page(&Tree::read(&top()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(top().join("crates/contracts/EVENTS.md"), &page).unwrap();
    }
    assert!(page.contains("| auth.user.registered.v1 | journaled | auth |"), "{page}");
}
