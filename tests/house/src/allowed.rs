//! The exceptions that stand in `allowed.toml`: one table per rule, a key and its size.
//!
//! The list may only shrink: what grows beyond its entry fails, and so does an entry that says more than there is.

use std::collections::BTreeMap;

use crate::Finding;

/// What is over and known to be.
#[derive(Debug, Default)]
pub struct Allowed(BTreeMap<String, BTreeMap<String, usize>>);

impl Allowed {
    /// Reads the list.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tables: toml::Table = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut list = BTreeMap::new();
        for (rule, entries) in tables {
            let entries = entries.as_table().ok_or_else(|| format!("{rule} is not a table"))?;
            let sizes = entries.iter().map(|(key, size)| {
                let size = size.as_integer().and_then(|n| usize::try_from(n).ok());
                Ok((key.clone(), size.ok_or_else(|| format!("{rule}: {key} has no size"))?))
            });
            let sizes = sizes.collect::<Result<_, String>>()?;
            list.insert(rule, sizes);
        }
        Ok(Self(list))
    }

    /// What remains of a rule's findings, and the entries that are no longer true.
    pub fn sift(&self, rule: &str, found: Vec<Finding>) -> Vec<Finding> {
        let none = BTreeMap::new();
        let entries = self.0.get(rule).unwrap_or(&none);
        let largest = |key: &String| found.iter().filter(|one| &one.key == key).map(|one| one.size).max();
        let stale = entries.iter().filter_map(|(key, allowed)| {
            let text = match largest(key) {
                None => {
                    format!("tests/house/allowed.toml lists it under {rule}, and it keeps the rule: take the entry out")
                }
                Some(size) if size < *allowed => {
                    format!("tests/house/allowed.toml allows {allowed} under {rule}, and it is {size}: lower the entry")
                }
                Some(_) => return None,
            };
            Some(Finding::of(key.clone(), text))
        });
        let stale: Vec<_> = stale.collect();
        let over = |one: &Finding| entries.get(&one.key).is_none_or(|allowed| one.size > *allowed);
        found.iter().filter(|one| over(one)).cloned().chain(stale).collect()
    }

    /// The rules that have an entry, for the test that each is a rule's name.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
