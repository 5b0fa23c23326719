//! Each rule is seen to fail on what is planted, and to leave its like alone.

mod layout;
mod manifests;
mod naming;
mod routes;
mod services;
mod texts;

use std::collections::BTreeSet;

use house::{ALL, Tree};

/// A small tree, what the rule must say about it (nothing, for what is fine), and the rule's name.
pub struct Case {
    rule: &'static str,
    tree: Vec<(&'static str, String)>,
    says: Option<&'static str>,
}

/// A tree that breaks a rule: what is found must contain these words.
pub fn breaks<const N: usize>(rule: &'static str, tree: [(&'static str, &str); N], says: &'static str) -> Case {
    Case { rule, tree: owned(tree), says: Some(says) }
}

/// A tree like it that keeps the rule.
pub fn keeps<const N: usize>(rule: &'static str, tree: [(&'static str, &str); N]) -> Case {
    Case { rule, tree: owned(tree), says: None }
}

fn owned<const N: usize>(tree: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
    tree.into_iter().map(|(path, text)| (path, text.to_owned())).collect()
}

fn cases() -> Vec<Case> {
    let files = [layout::cases, manifests::cases, naming::cases, routes::cases, services::cases, texts::cases];
    files.into_iter().flat_map(|cases| cases()).collect()
}

fn found(case: &Case) -> Vec<String> {
    let tree = Tree::of(case.tree.iter().map(|(path, text)| (*path, text.as_str())));
    let (_, rule) = ALL.iter().find(|(name, _)| *name == case.rule).unwrap_or_else(|| panic!("no rule {}", case.rule));
    rule(&tree).iter().map(ToString::to_string).collect()
}

#[test]
fn every_rule_fails_on_its_planted_violation() {
    for case in cases() {
        let Some(says) = case.says else { continue };
        let found = found(&case);
        assert!(found.iter().any(|text| text.contains(says)), "{} does not say {says:?} but {found:#?}", case.rule);
    }
}

#[test]
fn every_rule_leaves_its_like_alone() {
    for case in cases().iter().filter(|case| case.says.is_none()) {
        assert_eq!(found(case), Vec::<String>::new(), "{} on {:?}", case.rule, case.tree);
    }
}

#[test]
fn every_rule_has_a_planted_violation_and_its_like() {
    let rules: BTreeSet<&str> = ALL.iter().map(|(name, _)| *name).collect();
    let of = |broken: bool| cases().iter().filter(|case| case.says.is_some() == broken).map(|case| case.rule).collect();
    let (broken, kept): (BTreeSet<&str>, BTreeSet<&str>) = (of(true), of(false));
    assert_eq!(rules, broken);
    assert_eq!(rules, kept);
}
