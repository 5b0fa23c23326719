//! How it is measured whether two sides can be told apart by the time of their answers.
//!
//! Of each question two hundred samples a side are taken, in random order, over addresses that are each asked about
//! once. Medians may lie 10 % apart, and the rank test has to allow for one distribution with p > 0.01. By chance that
//! fails once in a hundred runs where nothing is wrong: then the question is measured once more, with twice as many
//! fresh samples, and only who fails twice has failed, which chance does once in ten thousand runs.
//!
//! What comes first of two answers, to who asks about both sides at once, is measured by pairs: one order may not be more
//! likely with p > 0.01, judged likewise.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::Value;
use uuid::Uuid;

use crate::fleet::Fleet;
use crate::person::Answer;
use crate::raw::patiently;
use crate::statistics::{median, rank_test, sign_test};

/// Samples a side, the first time.
const SAMPLES: usize = 200;
/// Before them, to warm everything up.
const WARM_UP: usize = 20;
/// Pairs that are asked about at once, the first time; and with which address they begin, behind all samples.
const PAIRS: usize = 100;
const FIRST_PAIR: usize = WARM_UP + 3 * SAMPLES;
/// Before it no answer comes.
const FIXED_MILLIS: f64 = 250.0;
/// Addresses a side that a question may ask about.
pub const ADDRESSES: usize = 1_000;
/// So far medians may lie apart.
const APART: f64 = 0.10;
/// Less likely than this two samples are not of one distribution.
const UNLIKELY: f64 = 0.01;

/// What is asked about addresses with an account and without one.
pub struct Question {
    pub path: &'static str,
    /// What those are called that have an account. Those that have none are called `blank`, which is as long.
    pub known: &'static str,
    /// Its own addresses begin with this number.
    pub from: usize,
    /// So many ask at once.
    pub lanes: usize,
    /// What is sent for an address.
    pub body: fn(&str) -> Value,
}

/// What was seen.
#[derive(Default)]
pub struct Side {
    /// Status, headers and words, without what is the one request's own.
    pub shapes: BTreeSet<String>,
    millis: Vec<f64>,
}

/// What was seen of both, the last time it was measured.
pub struct Measured {
    pub known: Side,
    unknown: Side,
}

impl Question {
    /// The address with this number of those that have an account, or of those that have none.
    fn address(&self, known: bool, n: usize) -> String {
        format!("{}{n:06}@example.org", if known { self.known } else { "blank" })
    }

    /// Asks about both sides in random order, in lanes of which each asks one thing after the other.
    pub async fn ask(&self, fleet: &Fleet, numbers: impl Iterator<Item = usize>) -> Measured {
        let url = fleet.url(self.path);
        let mut all: Vec<(bool, usize)> = numbers.flat_map(|n| [(true, n), (false, n)]).collect();
        all.sort_by_cached_key(|_| Uuid::new_v4());
        let size = all.len().div_ceil(self.lanes);
        let lanes = all.chunks(size).map(|lane| self.ask_in_turn(fleet, &url, lane));
        let mut measured = Measured { known: Side::default(), unknown: Side::default() };
        for (known, shape, millis) in join_all(lanes).await.into_iter().flatten() {
            let side = if known { &mut measured.known } else { &mut measured.unknown };
            side.shapes.insert(shape);
            side.millis.push(millis);
        }
        measured
    }

    /// Asks about one address of each side at once, so many times, and says how often who has an account was later.
    async fn ask_at_once(&self, fleet: &Fleet, numbers: Range<usize>) -> usize {
        let url = fleet.url(self.path);
        let asked = async |email: String| {
            let (answer, _) = patiently(fleet.http.post(&url).json(&(self.body)(&email))).await;
            assert!(answer.status < 500, "{}", answer.text);
            Instant::now()
        };
        let mut later = 0;
        for n in numbers {
            let known_first = Uuid::new_v4().as_u128().is_multiple_of(2);
            let (one, other) = (self.address(known_first, n), self.address(!known_first, n));
            let (one, other) = tokio::join!(asked(one), asked(other));
            later += usize::from((one > other) == known_first);
        }
        later
    }

    /// Whether the order of two answers tells who has an account, asked once more where the first time says yes.
    pub async fn order_tells_nothing(&self, fleet: &Fleet) {
        let from = self.from + FIRST_PAIR;
        let first = self.ask_at_once(fleet, from..from + PAIRS).await;
        if sign_test(first, PAIRS) > UNLIKELY {
            return;
        }
        let from = from + PAIRS;
        let second = self.ask_at_once(fleet, from..from + 2 * PAIRS).await;
        let p = sign_test(second, 2 * PAIRS);
        assert!(p > UNLIKELY, "{}: {second} of {} later with an account, p {p:.4}", self.path, 2 * PAIRS);
    }

    async fn ask_in_turn(&self, fleet: &Fleet, url: &str, lane: &[(bool, usize)]) -> Vec<(bool, String, f64)> {
        let mut seen = Vec::with_capacity(lane.len());
        for (known, n) in lane {
            let email = self.address(*known, *n);
            let (answer, took) = patiently(fleet.http.post(url).json(&(self.body)(&email))).await;
            seen.push((*known, shape(&answer, &email), took.as_secs_f64() * 1_000.0));
        }
        seen
    }

    /// Measures it, once more where the first time says no.
    pub async fn measured(&self, fleet: &Fleet, numbers: impl Fn(usize) -> usize) -> Measured {
        self.ask(fleet, (0..WARM_UP).map(&numbers)).await;
        let first = self.ask(fleet, (WARM_UP..WARM_UP + SAMPLES).map(&numbers)).await;
        if first.differs().is_none() {
            return first;
        }
        let from = WARM_UP + SAMPLES;
        self.ask(fleet, (from..from + 2 * SAMPLES).map(&numbers)).await
    }
}

impl Measured {
    /// How the times tell the sides apart, if they do.
    fn differs(&self) -> Option<String> {
        let (known, unknown) = (&self.known.millis, &self.unknown.millis);
        let (with, without, p) = (median(known), median(unknown), rank_test(known, unknown));
        let apart = (with / without - 1.0).abs();
        let said = format!(
            "medians {with:.2} ms with an account and {without:.2} ms without, p {p:.4}, of {} samples a side",
            known.len()
        );
        (apart > APART || p <= UNLIKELY).then_some(said)
    }

    pub fn takes_as_long(&self) {
        let soonest = self.known.millis.iter().chain(&self.unknown.millis).copied().fold(f64::INFINITY, f64::min);
        assert!(soonest >= FIXED_MILLIS, "an answer came after {soonest} ms");
        if let Some(said) = self.differs() {
            panic!("{said}");
        }
    }

    pub fn is_answered_alike(&self) {
        let both: BTreeSet<&String> = self.known.shapes.union(&self.unknown.shapes).collect();
        assert_eq!(both.len(), 1, "{both:#?}");
    }
}

/// Status, headers and words of an answer about an address, without what is the one request's own.
pub fn shape(answer: &Answer, email: &str) -> String {
    let ours = ["date", "x-request-id", "traceparent", "content-length"];
    let headers = answer.headers.iter().filter(|(name, _)| !ours.contains(&name.as_str()));
    let mut lines: Vec<String> =
        headers.map(|(name, value)| format!("{name}: {}", impersonal(value.to_str().unwrap()))).collect();
    lines.sort();
    let words = answer.text.replace(email, "…");
    format!("{} {} {}", answer.status, lines.join(", "), impersonal(&words))
}

/// A text without numbers, ids and names of this run.
fn impersonal(text: &str) -> String {
    let is_own =
        |word: &str| word.starts_with("some") || word.len() > 20 && word.contains(|c: char| c.is_ascii_digit());
    let mut plain = String::new();
    for piece in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))) {
        let word = piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
        let rest = &piece[word.len()..];
        if is_own(word) {
            plain.push('…');
        } else {
            let digits = |c: char| c.is_ascii_digit();
            plain.push_str(&word.split(digits).collect::<Vec<_>>().join("#"));
        }
        plain.push_str(rest);
    }
    while plain.contains("##") {
        plain = plain.replace("##", "#");
    }
    plain
}
