//! The time comes from `clock`, settings from `settings`.

use crate::source::{Source, tokens};
use crate::{Finding, Tree};

/// Ways of asking PostgreSQL for the time.
const SQL_CLOCKS: [&str; 9] = [
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "localtime",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
];

/// Neither migrations nor queries read the database's clock.
pub fn sql(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files("", ".sql") {
        found.extend(clocks_in(path, &without_comments(text)));
    }
    for source in tree.sources().filter(|source| !source.is_test()) {
        found.extend(clocks_in(&source.path, &source.literals));
        let lines = source.lines_of("dsl::now").into_iter().chain(source.lines_of("dsl::today"));
        found
            .extend(lines.map(|line| Finding::at(&source.path, line, "the database's clock: bind `now` from `clock`")));
    }
    found
}

/// SQL without its comments.
pub fn without_comments(sql: &str) -> String {
    sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn clocks_in(path: &str, text: &str) -> Vec<Finding> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let word = token.text.to_ascii_lowercase();
        let next = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text.as_str());
        let call = word == "now" && next(1) == "(" && next(2) == ")";
        let age = word == "age" && next(1) == "(" && !is_two_arguments(tokens.get(at + 2..).unwrap_or_default());
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |token| token.text.as_str());
        if call && before != "." || age && before != "." && is_sql(text) || SQL_CLOCKS.contains(&word.as_str()) {
            found.push(Finding::at(
                path,
                token.line,
                format!("{word} reads the database's clock: bind `now` from `clock`"),
            ));
        }
    }
    found
}

fn is_sql(text: &str) -> bool {
    text.to_ascii_uppercase().contains("SELECT")
}

fn is_two_arguments(tokens: &[crate::source::Token]) -> bool {
    tokens.iter().take_while(|token| token.text != ")").any(|token| token.text == ",")
}

fn uses(tree: &Tree, patterns: &[&str], free: impl Fn(&Source) -> bool, instead: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| !free(source)) {
        for pattern in patterns {
            let lines = source.lines_of(pattern).into_iter();
            found.extend(
                lines.map(|line| Finding::at(&source.path, line, format!("{pattern}: {instead}")).named(pattern)),
            );
        }
    }
    found
}

/// Only `clock` reads the system's time; tests may look at their own watch.
pub fn rust(tree: &Tree) -> Vec<Finding> {
    let patterns = ["Timestamp::now", "Zoned::now", "SystemTime::now", "Utc::now", "Local::now", "Uuid::now_v7"];
    let free = |source: &Source| source.path.starts_with("crates/clock/") || source.is_test();
    uses(tree, &patterns, free, "take `now` from `clock::Clock`")
}

/// Only `settings` reads the environment.
pub fn environment(tree: &Tree) -> Vec<Finding> {
    let patterns = ["env::var", "env::vars", "env::var_os", "env::vars_os", "env::set_var"];
    let free = |source: &Source| source.path.starts_with("crates/settings/") || source.is_test();
    uses(tree, &patterns, free, "read it through `settings::Reader`")
}
