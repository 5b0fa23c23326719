//! The list of exceptions only shrinks.

use house::{Allowed, Finding};

fn sift(list: &str, found: Vec<Finding>) -> Vec<String> {
    Allowed::parse(list).unwrap().sift("files_are_short", found).iter().map(ToString::to_string).collect()
}

fn long(lines: usize) -> Vec<Finding> {
    vec![Finding::of("a.rs", "long").sized(lines)]
}

#[test]
fn what_is_listed_at_its_size_passes() {
    assert_eq!(sift("[files_are_short]\n\"a.rs\" = 410", long(410)), Vec::<String>::new());
}

#[test]
fn what_grows_beyond_its_entry_fails() {
    assert_eq!(sift("[files_are_short]\n\"a.rs\" = 410", long(411)), ["a.rs: long"]);
}

#[test]
fn an_entry_that_says_more_than_there_is_fails() {
    assert_eq!(
        sift("[files_are_short]\n\"a.rs\" = 410", long(405)),
        ["a.rs: tests/house/allowed.toml allows 410 under files_are_short, and it is 405: lower the entry"]
    );
}

#[test]
fn an_entry_for_what_keeps_the_rule_fails() {
    assert_eq!(
        sift("[files_are_short]\n\"a.rs\" = 410", Vec::new()),
        ["a.rs: tests/house/allowed.toml lists it under files_are_short, and it keeps the rule: take the entry out"]
    );
}

#[test]
fn what_is_not_listed_fails() {
    assert_eq!(sift("[functions_are_short]\n\"a.rs\" = 410", long(410)), ["a.rs: long"]);
}
