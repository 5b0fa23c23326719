//! `make service` makes one that keeps the rules and compiles with its tests, without touching a crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use house::{ALL, Tree};

const NAME: &str = "night-diary";

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The folder that cargo builds into. The copy builds into one of its own: cargo would take its crates for ours.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().into()
}

/// A copy of the project, at the same place each time, so that a second run has less to compile.
fn copied() -> PathBuf {
    let copy = target().join("with-a-new-service");
    let _ = std::fs::remove_dir_all(&copy);
    copy_into(&top(), &copy, &["target", ".git", ".fleet"]);
    copy
}

/// Files keep their times, by which cargo knows that nothing changed.
fn copy_into(from: &Path, to: &Path, without: &[&str]) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if without.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy_into(&entry.path(), &target, &[]);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            std::fs::File::options().append(true).open(&target).unwrap().set_modified(modified).unwrap();
        }
    }
}

fn fleet(arguments: &[&str]) -> (bool, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_fleet")).args(arguments).output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// What breaks a rule in the new service, or because of it.
fn findings(tree: &Tree) -> BTreeSet<String> {
    let told = ALL.iter().flat_map(|(name, rule)| rule(tree).into_iter().map(move |one| format!("{name}: {one}")));
    told.filter(|text| text.contains(NAME) || text.contains("fleet/src/table.rs")).collect()
}

#[test]
fn a_new_service_keeps_the_rules_and_compiles_with_its_tests() {
    let project = copied();
    let path = project.to_str().unwrap();
    assert_eq!(fleet(&["new", NAME, "--project", path]), (true, String::new()));
    assert_eq!(findings(&Tree::read(&project).unwrap()), BTreeSet::new());
    let changed: Vec<_> = ["contracts", "server", "db", "testkit"]
        .into_iter()
        .filter(|name| {
            let manifest = format!("crates/{name}/Cargo.toml");
            std::fs::read(top().join(&manifest)).unwrap() != std::fs::read(project.join(&manifest)).unwrap()
        })
        .collect();
    assert_eq!(changed, Vec::<&str>::new());
    let cargo = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--tests", "--quiet", "-p", NAME])
        .current_dir(&project)
        .env("CARGO_TARGET_DIR", target().join("with-a-new-service-built"))
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let table = std::fs::read_to_string(project.join("deploy/fleet/src/table.rs")).unwrap();
    assert!(table.contains("Row { name: \"night-diary\", database: \"night_diary_db\", define: night_diary::service"));
    let again = fleet(&["new", NAME, "--project", path]);
    assert!(!again.0 && again.1.contains("is there already"), "{again:?}");
}

#[test]
fn a_name_that_cannot_be_one_is_refused() {
    for name in ["Diary", "my_diary", "9lives", "a--b", "-a", "diary-", ""] {
        let (made, said) = fleet(&["new", "--project", "/nowhere", "--", name]);
        assert!(!made && said.contains("is no name for a service"), "{name}: {said}");
    }
}
