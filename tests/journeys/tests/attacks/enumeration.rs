//! A7: whether somebody has an account shows in nothing: status, headers, words, time.
//!
//! How time is judged says [`timing`](crate::timing).
//!
//! That a name for others is taken is told (409 `username_taken`): that is what it is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::OnceCell;

use crate::cast;
use crate::fleet::Fleet;
use crate::passkeys::refusals;
use crate::person::{PASSWORD, fresh};
use crate::report::{Row, row};
use crate::statistics::the_tests_say_what_others_say;
use crate::timing::{ADDRESSES, Measured, Question, shape};

static LOGIN: Question = Question {
    path: "/api/v1/auth/login",
    known: "known",
    from: 0,
    lanes: 4,
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
    lanes: 4,
    body: |email| json!({ "email": email, "password": "pas-le-bon-mot" }),
};
const LOCKED_ADDRESSES: usize = 10;

/// A7.
pub fn a7() -> Row {
    row!(
        "A7",
        the_tests_say_what_others_say,
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
        a_resent_link_takes_as_long,
        the_order_of_two_answers_tells_nothing
    )
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

/// Logins, and those to what is locked, measured beside each other.
async fn logins(fleet: &Fleet) -> &'static [Measured; 2] {
    static MEASURED: OnceCell<[Measured; 2]> = OnceCell::const_new();
    let number = |n: usize| LOCKED.from + n % LOCKED_ADDRESSES;
    let measure = || async {
        accounts(fleet).await;
        for _ in 0..5 {
            LOCKED.ask(fleet, (0..LOCKED_ADDRESSES).map(number)).await;
        }
        tokio::join!(LOGIN.measured(fleet, |n| LOGIN.from + n), LOCKED.measured(fleet, number)).into()
    };
    MEASURED.get_or_init(measure).await
}

/// The three that mail somebody, measured beside each other.
async fn mailed(fleet: &Fleet) -> &'static [Measured; 3] {
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
    logins(&fleet).await[0].is_answered_alike();
}

async fn a_login_takes_as_long(fleet: Arc<Fleet>) {
    logins(&fleet).await[0].takes_as_long();
}

async fn a_locked_login_is_answered_alike(fleet: Arc<Fleet>) {
    let measured = &logins(&fleet).await[1];
    measured.is_answered_alike();
    let shape = measured.known.shapes.first().unwrap();
    assert!(shape.starts_with("429") && shape.contains("too_many_attempts"), "{shape}");
}

async fn a_locked_login_takes_as_long(fleet: Arc<Fleet>) {
    logins(&fleet).await[1].takes_as_long();
}

async fn a_registration_is_answered_alike(fleet: Arc<Fleet>) {
    mailed(&fleet).await[0].is_answered_alike();
}

async fn a_registration_takes_as_long(fleet: Arc<Fleet>) {
    mailed(&fleet).await[0].takes_as_long();
}

async fn a_forgotten_password_is_answered_alike(fleet: Arc<Fleet>) {
    mailed(&fleet).await[1].is_answered_alike();
}

async fn a_forgotten_password_takes_as_long(fleet: Arc<Fleet>) {
    mailed(&fleet).await[1].takes_as_long();
}

async fn a_resent_link_is_answered_alike(fleet: Arc<Fleet>) {
    mailed(&fleet).await[2].is_answered_alike();
}

async fn a_resent_link_takes_as_long(fleet: Arc<Fleet>) {
    mailed(&fleet).await[2].takes_as_long();
}

async fn the_order_of_two_answers_tells_nothing(fleet: Arc<Fleet>) {
    accounts(&fleet).await;
    tokio::join!(
        LOGIN.order_tells_nothing(&fleet),
        REGISTER.order_tells_nothing(&fleet),
        FORGET.order_tells_nothing(&fleet),
        RESEND.order_tells_nothing(&fleet)
    );
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
