//! Who may act, by the token and by the account as it is.

use contracts::UserId;
use contracts::acts::AdminActed;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Actor, Call};
use uuid::Uuid;

use super::{READS, at, because, below};
use crate::support::{Deeds, SignedIn, TestApp};

/// Everything that administrators do, on one account.
fn acts(who: &Actor, target: UserId) -> Vec<Call> {
    let plain = |method: Method, path: String| who.call(method, &path);
    let mut all: Vec<Call> = ["deactivate", "activate", "unlock"]
        .iter()
        .map(|what| plain(Method::PATCH, below(target, what)).json(because()))
        .collect();
    let invitation = json!({ "email": "new@example.org", "roles": ["user"] });
    all.extend([
        who.post("/auth/users", invitation),
        who.put(&at(target), json!({ "roles": ["user", "coach"] })),
        plain(Method::POST, below(target, "mfa-reset")).json(because()),
        plain(Method::POST, below(target, "invitation")),
        plain(Method::POST, below(target, "password-reset")),
        plain(Method::DELETE, below(target, "sessions")),
        plain(Method::DELETE, below(target, &format!("sessions/{}", Uuid::nil()))),
        plain(Method::DELETE, at(target)).json(because()),
    ]);
    all
}

fn reads(who: &Actor, target: UserId) -> Vec<Call> {
    ["/auth/users".to_owned(), at(target), below(target, "sessions")].iter().map(|path| who.get(path)).collect()
}

const BOTH: [fn(&Actor, UserId) -> Vec<Call>; 2] = [reads, acts];

async fn all_are(calls: Vec<Call>, status: u16, code: &str) {
    for call in calls {
        call.await.is(status, code);
    }
}

/// A body that only the token decides about.
async fn with_roles(app: &TestApp, name: &str, roles: &str) -> SignedIn {
    let plain = app.signs_in(name).await;
    app.execute(&format!("UPDATE users SET roles = '{roles}' WHERE id = '{}'", plain.id)).await;
    SignedIn::of(app, &app.refreshes(&plain.refresh).await)
}

#[tokio::test]
async fn nobody_but_an_administrator_sees_or_does_anything() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let coach = with_roles(&app, "grace", "{user,coach}").await;
    let mark = app.mark().await;
    for calls in BOTH {
        all_are(calls(&app.nobody(), ada.id), 401, "unauthenticated").await;
        all_are(calls(&ada.actor, ada.id), 403, "forbidden").await;
        all_are(calls(&coach.actor, ada.id), 403, "forbidden").await;
    }
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_has_to_show_one() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let root = with_roles(&app, "root", "{user,admin}").await;
    let mark = app.mark().await;
    for calls in BOTH {
        all_are(calls(&root.actor, ada.id), 401, "step_up_required").await;
    }
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn who_signed_in_ten_minutes_ago_reads_and_does_not_act() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.clock.advance(SignedDuration::from_mins(10));
    let mark = app.mark().await;
    all_are(acts(&root.actor, ada.id), 401, "step_up_required").await;
    app.emitted_nothing_since(mark).await;
    for read in reads(&root.actor, ada.id) {
        read.await.has_status(200);
    }
}

#[tokio::test]
async fn whose_row_says_that_he_is_none_any_more_sees_and_does_nothing_whatever_his_token_says() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.execute(&format!("UPDATE users SET roles = '{{user}}' WHERE id = '{}'", root.id)).await;
    let mark = app.mark().await;
    for calls in BOTH {
        all_are(calls(&root.actor, ada.id), 403, "forbidden").await;
    }
    app.execute(&format!("UPDATE users SET roles = '{{admin}}', is_active = false WHERE id = '{}'", root.id)).await;
    for calls in BOTH {
        all_are(calls(&root.actor, ada.id), 401, "token_revoked").await;
    }
    app.emitted_nothing_since(mark).await;
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind LIKE 'admin%'").await, 0);
}

#[tokio::test]
async fn who_looked_at_what_is_told_by_ids_alone() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    for read in reads(&root.actor, ada.id) {
        read.await.has_status(200);
    }
    let told = app.emitted_of::<AdminActed>().await;
    let seen = |action, target| AdminActed { actor: root.id, action, target, reason_code: None, reason_hmac: None };
    let [listed, account, sessions] = READS;
    assert_eq!(told, [seen(listed, None), seen(account, Some(ada.id)), seen(sessions, Some(ada.id))]);
    app.kept_no_word_of(&[]).await;
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind LIKE 'admin%'").await, 0);
    root.actor.get(&at(UserId(Uuid::nil()))).await.is(404, "not_found");
    assert_eq!(app.told::<AdminActed>().await, 3, "nobody's account was seen");
}

#[tokio::test]
async fn an_account_that_is_not_there_is_found_by_no_act() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let nobody = UserId(Uuid::nil());
    for call in reads(&root.actor, nobody).into_iter().skip(1) {
        call.await.is(404, "not_found");
    }
    // The fourth makes an account.
    for call in acts(&root.actor, nobody).into_iter().enumerate().filter(|(nth, _)| *nth != 3).map(|(_, call)| call) {
        call.await.is(404, "not_found");
    }
    root.actor.get("/auth/users/root").await.is(404, "not_found");
}

#[tokio::test]
async fn a_reason_is_given_and_can_be_read() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let long = "x".repeat(501);
    let wrong: [(Value, &str, &str); 6] = [
        (json!({}), "/reason", "missing"),
        (json!({ "reason": "" }), "/reason", "too_short"),
        (json!({ "reason": "  \u{200B} " }), "/reason", "unprintable"),
        (json!({ "reason": long }), "/reason", "too_long"),
        (json!({ "reason": "why", "reason_code": "whim" }), "/reason_code", "unknown_value"),
        (json!({ "reason": "why", "by": "me" }), "/by", "unknown_field"),
    ];
    for what in ["deactivate", "activate", "unlock"] {
        for (body, pointer, code) in &wrong {
            root.actor.patch(&below(ada.id, what), body).await.is(422, "invalid").names(pointer, code);
        }
    }
    root.actor.patch(&below(ada.id, "deactivate"), json!({ "reason": "why" })).await.has_status(200);
}
