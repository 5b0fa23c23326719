//! Migrations: both ways, with a reason, with names that code can match.

use std::collections::BTreeSet;

use crate::source::{Token, tokens};
use crate::{Finding, Tree};

use super::clocks::without_comments;

fn migrations(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.files("services/", ".sql").filter(|(path, _)| path.contains("/migrations/"))
}

/// Every folder has `up.sql` and `down.sql`.
pub fn up_and_down(tree: &Tree) -> Vec<Finding> {
    let folders: BTreeSet<&str> =
        migrations(tree).filter_map(|(path, _)| path.rsplit_once('/')).map(|(folder, _)| folder).collect();
    let mut found = Vec::new();
    for folder in folders {
        for file in ["up.sql", "down.sql"] {
            let path = format!("{folder}/{file}");
            if tree.text(&path).is_none_or(|text| without_comments(text).trim().is_empty()) {
                found.push(Finding::of(path, "is missing or empty: a migration goes both ways"));
            }
        }
    }
    found
}

/// The first line says why.
pub fn say_why(tree: &Tree) -> Vec<Finding> {
    let ups = migrations(tree).filter(|(path, _)| path.ends_with("/up.sql"));
    let silent = ups.filter(|(_, text)| {
        let first = text.lines().next().unwrap_or_default();
        first.strip_prefix("--").is_none_or(|why| why.split_whitespace().count() < 3)
    });
    silent.map(|(path, _)| Finding::at(path, 1, "say in the first line why: `-- …`")).collect()
}

/// Every constraint has a name, since code matches names.
pub fn named_constraints(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in migrations(tree) {
        let tokens = words(text);
        for at in 0..tokens.len() {
            if let Some(what) = unnamed(&tokens, at) {
                let line = tokens.get(at).map_or(0, |token| token.line);
                found.push(Finding::at(
                    path,
                    line,
                    format!("{what} has no name: `CONSTRAINT posts_slug_key {what} …`"),
                ));
            }
        }
    }
    found
}

/// Lower-case tokens of the SQL.
fn words(text: &str) -> Vec<Token> {
    let mut tokens = tokens(&blank_strings(&without_comments(text)));
    for token in &mut tokens {
        token.text.make_ascii_lowercase();
    }
    tokens
}

fn blank_strings(sql: &str) -> String {
    let mut inside = false;
    let blanked = sql.chars().map(|sign| {
        inside ^= sign == '\'';
        if inside && sign != '\'' && sign != '\n' { ' ' } else { sign }
    });
    blanked.collect()
}

fn text(tokens: &[Token], at: Option<usize>) -> &str {
    at.and_then(|at| tokens.get(at)).map_or("", |token| &token.text)
}

fn unnamed(tokens: &[Token], at: usize) -> Option<&'static str> {
    let next = text(tokens, at.checked_add(1));
    let before = text(tokens, at.checked_sub(1));
    let what = match text(tokens, Some(at)) {
        "primary" if next == "key" => "PRIMARY KEY",
        "foreign" if next == "key" => "FOREIGN KEY",
        "unique" if next != "index" => "UNIQUE",
        "check" if next == "(" => "CHECK",
        "exclude" if next == "using" => "EXCLUDE",
        "references" if !follows_foreign_key(tokens, at) => "REFERENCES",
        "index" if next == "on" && before != "drop" => return Some("INDEX"),
        _ => return None,
    };
    let named = text(tokens, at.checked_sub(2)) == "constraint";
    (!named).then_some(what)
}

/// Whether this `references` belongs to a `FOREIGN KEY (…)` just before it, which has its own name.
fn follows_foreign_key(tokens: &[Token], at: usize) -> bool {
    let before = tokens.get(..at).unwrap_or_default();
    let open = before.iter().rposition(|token| token.text == "(");
    text(tokens, at.checked_sub(1)) == ")" && text(tokens, open.and_then(|open| open.checked_sub(1))) == "key"
}

/// `timestamptz`, `text`, `uuid`.
pub fn types(tree: &Tree) -> Vec<Finding> {
    const INSTEAD: [(&str, &str); 8] = [
        ("timestamp", "timestamptz"),
        ("varchar", "text"),
        ("char", "text"),
        ("serial", "uuid"),
        ("bigserial", "uuid"),
        ("json", "jsonb"),
        ("money", "bigint"),
        ("timetz", "time"),
    ];
    let mut found = Vec::new();
    for (path, text) in migrations(tree) {
        for token in words(text) {
            if let Some((wrong, right)) = INSTEAD.iter().find(|(wrong, _)| token.text == *wrong) {
                found.push(Finding::at(path, token.line, format!("{wrong}: {right} here")));
            }
        }
    }
    found
}

/// What a crate keeps in each database (outbox, inbox, idempotency keys) is made by the same SQL everywhere.
pub fn tables_of_crates(tree: &Tree) -> Vec<Finding> {
    let owners = tree.files("crates/", "/up.sql").filter(|(path, _)| path.contains("/migrations/"));
    let owners: Vec<_> = owners.map(|(path, text)| (path, text, tables(text))).collect();
    let mut found = Vec::new();
    for (path, text) in migrations(tree).filter(|(path, _)| path.ends_with("/up.sql")) {
        let made = tables(text);
        let differs = owners.iter().find(|(_, own, tables)| *own != text && !tables.is_disjoint(&made));
        found.extend(differs.map(|(owner, ..)| Finding::of(path, format!("differs from {owner}: copy it whole"))));
    }
    found
}

/// The tables that a migration makes.
fn tables(text: &str) -> BTreeSet<String> {
    let words = words(text);
    let made = words.windows(3).filter_map(|window| match window {
        [create, table, name] if create.text == "create" && table.text == "table" => Some(name.text.clone()),
        _ => None,
    });
    made.collect()
}
