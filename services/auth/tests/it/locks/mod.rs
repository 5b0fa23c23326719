//! Locks.

mod claim;
mod everywhere;
mod ladder;
mod rules;

use serde_json::Value;
use testkit::Answer;

use crate::support::{Deeds, PASSWORD, TestApp};

/// A network that nobody guesses from.
const QUIET: &str = "192.0.2.1";

/// Somebody guesses so often from an address, and is told that it was wrong.
async fn guesses(app: &TestApp, name: &str, from: &str, times: usize) {
    for _ in 0..times {
        app.enters(name, "not her password").header("x-forwarded-for", from).await.is(401, "invalid_credentials");
    }
}

/// Somebody guesses so often, from another network after every four times; those begin at `first`.
async fn guesses_from_everywhere(app: &TestApp, name: &str, times: usize, first: usize) {
    for n in 0..times {
        guesses(app, name, &format!("198.51.{}.1", first + n / 4), 1).await;
    }
}

/// Somebody knows the password.
async fn knows(app: &TestApp, name: &str, from: &str) -> Answer {
    app.enters(name, PASSWORD).header("x-forwarded-for", from).await
}

#[track_caller]
fn is_locked(answer: &Answer, secs: u32) {
    answer.is(429, "too_many_attempts");
    assert_eq!(answer.header("retry-after"), Some(secs.to_string().as_str()), "{answer:?}");
}

/// All that an answer tells but what names the one request: status, body and headers.
fn heard(answer: &Answer) -> (u16, Value, Vec<String>) {
    let whole = format!("{answer:?}");
    let headers = whole.lines().skip(1).take_while(|line| line.starts_with("  "));
    let own = |line: &&str| ["date:", "x-request-id:"].iter().any(|name| line.trim_start().starts_with(*name));
    let headers = headers.map(|line| if own(&line) { line.split(':').next().unwrap() } else { line });
    let mut headers: Vec<String> = headers.map(str::to_owned).collect();
    headers.sort(); // Their order means nothing, and is another each time.
    (answer.status, answer.snapshot(), headers)
}
