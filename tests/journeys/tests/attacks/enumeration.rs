//! A7: whether somebody has an account shows in nothing: status, headers, words, time.
//!
//! Of each question two hundred samples a side are taken, in random order, over addresses that are each asked about
//! once. Medians may lie 10 % apart, and the rank test has to allow for one distribution with p > 0.01. By chance that
//! fails once in a hundred runs where nothing is wrong: then the question is measured once more, with twice as many
//! fresh samples, and only who fails twice has failed, which chance does once in ten thousand runs.
//!
//! That a name for others is taken is told (409 `username_taken`): that is what it is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::cast;
use crate::fleet::Fleet;
use crate::passkeys::refusals;
use crate::person::{Answer, PASSWORD, fresh};
use crate::raw::patiently;
use crate::report::{Row, row};
use crate::statistics::{median, rank_test};

/// Samples a side, the first time.
const SAMPLES: usize = 200;
/// Before them, to warm everything up.
const WARM_UP: usize = 20;
/// Addresses a side that a question may ask about.
const ADDRESSES: usize = 1_000;
/// So far medians may lie apart.
const APART: f64 = 0.10;
/// Less likely than this two samples are not of one distribution.
const UNLIKELY: f64 = 0.01;

/// What is asked about addresses with an account and without one.
struct Question {
    path: &'static str,
    /// What those are called that have an account. Those that have none are called `blank`, which is as long.
    known: &'static str,
    /// Its own addresses begin with this number.
    from: usize,
    /// So many ask at once; who is answered at fixed times may be many.
    lanes: usize,
    /// What is sent for an address.
    body: fn(&str) -> Value,
}

/// What was seen.
#[derive(Default)]
struct Side {
    /// Status, headers and words, without what is the one request's own.
    shapes: BTreeSet<String>,
    millis: Vec<f64>,
}

/// What was seen of both, the last time it was measured.
struct Measured {
    known: Side,
    unknown: Side,
}

static LOGIN: Question = Question {
    path: "/api/v1/auth/login",
    known: "known",
    from: 0,
    lanes: 2,
    body: |email| json!({ "email": email, "password": "pas-le-bon-mot" }),
};
static REGISTER: Question = Question {
    path: "/api/v1/auth/register",
    known: "known",
    from: 10_000,
    lanes: 4,
    body: |email| json!({ "email": email, "password": PASSWORD, "username": fresh("some"), "locale": "fr" }),
};
static FORGET: Question = Question {
    path: "/api/v1/auth/forgot-password",
    known: "known",
    from: 20_000,
    lanes: 8,
    body: |email| json!({ "email": email }),
};
static RESEND: Question = Question {
    path: "/api/v1/auth/resend-verification",
    known: "early",
    from: 30_000,
    lanes: 8,
    body: |email| json!({ "email": email }),
};
/// Of these addresses there are few: all are locked.
static LOCKED: Question = Question {
    path: "/api/v1/auth/login",
    known: "known",
    from: 40_000,
    lanes: 2,
    body: |email| json!({ "email": email, "password": "pas-le-bon-mot" }),
};
const LOCKED_ADDRESSES: usize = 10;

/// A7.
pub fn a7() -> Row {
    row!(
        "A7",
        the_rank_test_says_what_others_say,
        a_second_factor_shows_to_who_knows_the_password_alone,
        a_closed_account_shows_to_who_knows_the_password_alone,
        a_passkey_that_nobody_has_is_refused_as_a_wrong_one,
        whether_a_new_address_is_taken_is_told_to_nobody;
        alone,
        a_login_is_answered_alike,
        a_login_takes_as_long,
        a_locked_login_is_answered_alike,
        a_locked_login_takes_as_long,
        a_registration_is_answered_alike,
        a_registration_takes_as_long,
        a_forgotten_password_is_answered_alike,
        a_forgotten_password_takes_as_long,
        a_resent_link_is_answered_alike,
        a_resent_link_takes_as_long
    )
}

/// What SciPy's `mannwhitneyu(method="asymptotic")` gives.
async fn the_rank_test_says_what_others_say(_: Arc<Fleet>) {
    let numbers = |from: i32, to: i32, step: usize| (from..to).step_by(step).map(f64::from).collect::<Vec<_>>();
    let depths = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    let cases: [(&[f64], &[f64], f64); 6] = [
        (&depths, &[1.15, 0.88, 0.90, 0.74, 1.21], 0.244_623_605),
        (&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0], 0.012_185_780),
        (&[1.0, 1.0, 2.0, 2.0, 3.0], &[2.0, 3.0, 3.0, 4.0, 4.0], 0.052_411_629),
        (&[5.0; 4], &[5.0; 6], 1.0),
        (&numbers(0, 400, 2), &numbers(1, 401, 2), 0.931_417_117),
        (&numbers(0, 200, 1), &numbers(40, 240, 1), 0.0),
    ];
    for (one, other, expected) in cases {
        for p in [rank_test(one, other), rank_test(other, one)] {
            assert!((p - expected).abs() < 1e-6, "{p} for {expected}");
        }
    }
    assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 3.0, 2.0])), (2.0, 2.5));
}

/// Status, headers and words of an answer about an address, without what is the one request's own.
fn shape(answer: &Answer, email: &str) -> String {
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

impl Question {
    /// The address with this number of those that have an account, or of those that have none.
    fn address(&self, known: bool, n: usize) -> String {
        format!("{}{n:06}@example.org", if known { self.known } else { "blank" })
    }

    /// Asks about both sides in random order, in lanes of which each asks one thing after the other.
    async fn ask(&self, fleet: &Fleet, numbers: impl Iterator<Item = usize>) -> Measured {
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
    async fn measured(&self, fleet: &Fleet, numbers: impl Fn(usize) -> usize) -> Measured {
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

    fn takes_as_long(&self) {
        if let Some(said) = self.differs() {
            panic!("{said}");
        }
    }

    fn is_answered_alike(&self) {
        let both: BTreeSet<&String> = self.known.shapes.union(&self.unknown.shapes).collect();
        assert_eq!(both.len(), 1, "{both:#?}");
    }
}

/// Makes the accounts that are asked about: copies of one that was made by the front door.
async fn accounts(fleet: &Fleet) {
    static MADE: OnceCell<()> = OnceCell::const_new();
    let made = || async {
        let ada = cast::member(fleet).await;
        for question in [&LOGIN, &REGISTER, &FORGET, &RESEND, &LOCKED] {
            // No whole address stands in the statement, since a slow one is logged.
            let statement = format!(
                "INSERT INTO users SELECT (jsonb_populate_record(u, jsonb_build_object(
                     'id', gen_random_uuid(), 'username', NULL, 'is_verified', {verified},
                     'email', '{name}' || lpad(n::text, 6, '0') || chr(64) || 'example.org'))).*
                 FROM users u, generate_series({from}, {to}) n WHERE u.id = '{id}'",
                verified = question.known == "known",
                name = question.known,
                from = question.from,
                to = question.from + ADDRESSES,
                id = ada.id,
            );
            fleet.rows("auth_db", &statement).await;
        }
    };
    MADE.get_or_init(made).await;
}

async fn login(fleet: &Fleet) -> &'static Measured {
    static MEASURED: OnceCell<Measured> = OnceCell::const_new();
    let measure = || async {
        accounts(fleet).await;
        LOGIN.measured(fleet, |n| LOGIN.from + n).await
    };
    MEASURED.get_or_init(measure).await
}

async fn locked(fleet: &Fleet) -> &'static Measured {
    static MEASURED: OnceCell<Measured> = OnceCell::const_new();
    let number = |n: usize| LOCKED.from + n % LOCKED_ADDRESSES;
    let measure = || async {
        accounts(fleet).await;
        for _ in 0..5 {
            LOCKED.ask(fleet, (0..LOCKED_ADDRESSES).map(number)).await;
        }
        LOCKED.measured(fleet, number).await
    };
    MEASURED.get_or_init(measure).await
}

/// The three that are answered at fixed times, measured beside each other.
async fn even(fleet: &Fleet) -> &'static [Measured; 3] {
    static MEASURED: OnceCell<[Measured; 3]> = OnceCell::const_new();
    let measure = || async {
        accounts(fleet).await;
        let registered = REGISTER.measured(fleet, |n| REGISTER.from + n);
        let forgotten = FORGET.measured(fleet, |n| FORGET.from + n);
        let resent = RESEND.measured(fleet, |n| RESEND.from + n);
        <[Measured; 3]>::from(tokio::join!(registered, forgotten, resent))
    };
    MEASURED.get_or_init(measure).await
}

async fn a_login_is_answered_alike(fleet: Arc<Fleet>) {
    login(&fleet).await.is_answered_alike();
}

async fn a_login_takes_as_long(fleet: Arc<Fleet>) {
    login(&fleet).await.takes_as_long();
}

async fn a_locked_login_is_answered_alike(fleet: Arc<Fleet>) {
    let measured = locked(&fleet).await;
    measured.is_answered_alike();
    let shape = measured.known.shapes.first().unwrap();
    assert!(shape.starts_with("429") && shape.contains("too_many_attempts"), "{shape}");
}

async fn a_locked_login_takes_as_long(fleet: Arc<Fleet>) {
    locked(&fleet).await.takes_as_long();
}

async fn a_registration_is_answered_alike(fleet: Arc<Fleet>) {
    even(&fleet).await[0].is_answered_alike();
}

async fn a_registration_takes_as_long(fleet: Arc<Fleet>) {
    even(&fleet).await[0].takes_as_long();
}

async fn a_forgotten_password_is_answered_alike(fleet: Arc<Fleet>) {
    even(&fleet).await[1].is_answered_alike();
}

async fn a_forgotten_password_takes_as_long(fleet: Arc<Fleet>) {
    even(&fleet).await[1].takes_as_long();
}

async fn a_resent_link_is_answered_alike(fleet: Arc<Fleet>) {
    even(&fleet).await[2].is_answered_alike();
}

async fn a_resent_link_takes_as_long(fleet: Arc<Fleet>) {
    even(&fleet).await[2].takes_as_long();
}

/// What a wrong password is answered for this address.
async fn wrong(fleet: &Fleet, email: &str) -> String {
    shape(&cast::logs_in(fleet, email, "pas-le-bon-mot").await.refuses(401, "invalid_credentials"), email)
}

/// What is answered at a path that wants an address alone.
async fn asks(fleet: &Fleet, path: &str, email: &str) -> String {
    shape(&cast::stranger(fleet).post(path, json!({ "email": email })).await.is(202), email)
}

async fn a_second_factor_shows_to_who_knows_the_password_alone(fleet: Arc<Fleet>) {
    let (ada, _) = cast::equipped(&fleet).await;
    let nobody = format!("{}@example.org", fresh("nobody"));
    assert_eq!(wrong(&fleet, &ada.email).await, wrong(&fleet, &nobody).await);
}

async fn a_closed_account_shows_to_who_knows_the_password_alone(fleet: Arc<Fleet>) {
    let (root, bob) = (cast::administrator(&fleet).await, cast::member(&fleet).await);
    let why = json!({ "reason": "Trois signalements.", "reason_code": "abuse" });
    root.patch(&format!("/auth/users/{}/deactivate", bob.id), why).await.is(200);
    let nobody = format!("{}@example.org", fresh("nobody"));
    assert_eq!(wrong(&fleet, &bob.email).await, wrong(&fleet, &nobody).await);
    for path in ["/auth/forgot-password", "/auth/resend-verification"] {
        assert_eq!(asks(&fleet, path, &bob.email).await, asks(&fleet, path, &nobody).await, "{path}");
    }
}

async fn a_passkey_that_nobody_has_is_refused_as_a_wrong_one(fleet: Arc<Fleet>) {
    let answers = refusals(&fleet).await;
    let shapes: BTreeSet<String> = answers.iter().map(|answer| shape(answer, "nobody")).collect();
    assert_eq!(shapes.len(), 1, "{shapes:#?}");
}

async fn whether_a_new_address_is_taken_is_told_to_nobody(fleet: Arc<Fleet>) {
    let (ada, bob) = (cast::member(&fleet).await, cast::member(&fleet).await);
    let free = format!("{}@example.org", fresh("new"));
    let mut shapes = BTreeSet::new();
    for email in [&free, &bob.email] {
        let wish = json!({ "new_email": email, "password": PASSWORD });
        let answer = ada.post("/auth/change-email", wish).await.is(202);
        shapes.insert(shape(&answer, email));
    }
    assert_eq!(shapes.len(), 1, "{shapes:#?}");
}
