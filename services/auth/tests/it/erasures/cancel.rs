//! POST /auth/erasures/{id}/cancel.

use contracts::acts::UserReactivated;
use contracts::gdpr::{ErasureCancelled, ErasureRequested};
use diesel_async::SimpleAsyncConnection;
use jiff::SignedDuration;
use serde_json::json;

use super::{Erasure, NAME, after, deletes, look, with_services};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

const DAY: i64 = 24 * 60;

async fn with_grace() -> TestApp {
    with_services(&[("AUTH_ERASURE_GRACE", "7d")]).await
}

#[tokio::test]
async fn once_it_has_begun_it_cannot_be_taken_back() {
    let app = with_grace().await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    after(&app, 7 * DAY).await;
    assert_eq!(erasure.state(&app).await, "RUNNING");
    erasure.cancel(&app).await.is(409, "erasure_started");
    assert_eq!(app.told::<ErasureCancelled>().await, 0);
}

#[tokio::test]
async fn without_a_grace_it_cannot_be_taken_back_at_all() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    deletes(&zelda).await.cancel(&app).await.is(409, "erasure_started");
}

#[tokio::test]
async fn only_who_holds_the_receipt_token_takes_it_back() {
    let app = with_grace().await;
    let (zelda, bob) = (app.signs_in(NAME).await, app.signs_in("bob").await);
    let erasure = deletes(&zelda).await;
    let other = Erasure { id: erasure.id, token: "A".repeat(43) };
    other.cancel(&app).await.is(404, "not_found");
    Erasure { token: "short".into(), ..other }.cancel(&app).await.is(404, "not_found");
    let path = format!("/auth/erasures/{}/cancel", erasure.id);
    app.nobody().call(reqwest::Method::POST, &path).await.is(401, "unauthenticated");
    bob.actor.call(reqwest::Method::POST, &path).await.is(404, "not_found");
    assert_eq!(erasure.state(&app).await, "REQUESTED");
}

#[tokio::test]
async fn what_is_taken_back_is_as_it_was() {
    let app = with_grace().await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    app.logs_in(NAME, PASSWORD).await.is(403, "account_disabled");
    after(&app, 7 * DAY - 1).await;
    erasure.cancel(&app).await.has_status(200);
    assert_eq!(erasure.state(&app).await, "CANCELLED");
    after(&app, 2).await;
    assert_eq!(app.told::<ErasureRequested>().await, 0);
    assert_eq!((app.told::<ErasureCancelled>().await, app.told::<UserReactivated>().await), (1, 1));
    let again = SignedIn::of(&app, &app.logs_in(NAME, PASSWORD).await);
    assert_eq!(again.id, zelda.id);
    again.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.count("SELECT count(*) FROM erasures WHERE sealed_address IS NOT NULL").await, 0);
    erasure.cancel(&app).await.is(409, "erasure_started");
}

#[tokio::test]
async fn the_mailed_page_takes_it_back_as_well() {
    let app = with_grace().await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    let mail = app.mails(NAME).await.pop().unwrap();
    assert_eq!(mail.template, "erasure_planned");
    assert_eq!(mail.params["until"], "2026-01-20 09:30 UTC");
    let link = mail.params["link"].strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    let (path, token) = link.split_once("?token=").unwrap();
    assert_eq!(token, erasure.token);
    app.nobody().get(&link).await.has_status(200);
    assert_eq!(erasure.state(&app).await, "REQUESTED", "looking at it takes nothing back");
    let sent = app.nobody().call(reqwest::Method::POST, path).form(&[("token", token)]).await;
    sent.has_status(200);
    assert!(sent.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(erasure.state(&app).await, "CANCELLED");
    let body = json!({ "token": token });
    app.nobody().post(path, body).await.is(409, "erasure_started");
}

#[tokio::test]
async fn what_was_signed_in_before_stays_signed_out() {
    let app = with_grace().await;
    let zelda = app.signs_in(NAME).await;
    deletes(&zelda).await.cancel(&app).await.has_status(200);
    zelda.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&zelda.refresh).await.is(401, "refresh_invalid");
}

#[tokio::test]
async fn whom_an_administrator_closes_meanwhile_stays_closed() {
    let app = with_grace().await;
    let (zelda, root) = (app.signs_in(NAME).await, app.administers("root").await);
    let erasure = deletes(&zelda).await;
    let close = json!({ "reason": "Trois signalements.", "reason_code": "abuse" });
    for _ in 0..2 {
        root.actor.patch(&format!("/auth/users/{}/deactivate", zelda.id), &close).await.has_status(200);
    }
    erasure.cancel(&app).await.has_status(200);
    assert_eq!(app.told::<UserReactivated>().await, 0);
    app.logs_in(NAME, PASSWORD).await.is(403, "account_disabled");
    let shown = root.actor.get(&format!("/auth/users/{}", zelda.id)).await.json();
    assert_eq!((&shown["is_active"], &shown["deactivation"]["reason_code"]), (&json!(false), &json!("abuse")));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'admin_deactivated'").await, 1);
}

/// Both wait for the account, in this order; whoever takes it back does so in the last minute, and it begins in the next.
async fn both_at_once(begins_first: bool) -> (u16, String, [usize; 2]) {
    let app = with_grace().await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    app.clock.advance(SignedDuration::from_mins(7 * DAY - 1));
    let mut holder = app.db().conn().await.unwrap();
    let hold = format!("BEGIN; SELECT FROM users WHERE id = '{}' FOR UPDATE", zelda.id);
    holder.batch_execute(&hold).await.unwrap();
    let over = SignedDuration::from_mins(2);
    let lets_go = async {
        testkit::until_waiting(app.db(), 2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (begins, cancels) = (look(&app), async { erasure.cancel(&app).await.status });
    let status = if begins_first {
        app.clock.advance(over);
        let then = async {
            testkit::until_waiting(app.db(), 1).await;
            app.clock.advance(-over);
            tokio::join!(cancels, lets_go).0
        };
        tokio::join!(begins, then).1
    } else {
        let then = async {
            testkit::until_waiting(app.db(), 1).await;
            app.clock.advance(over);
            tokio::join!(begins, lets_go)
        };
        tokio::join!(cancels, then).0
    };
    let told = [app.told::<ErasureRequested>().await, app.told::<ErasureCancelled>().await];
    (status, erasure.state(&app).await, told)
}

#[tokio::test]
async fn taken_back_while_it_begins_one_of_the_two_happens() {
    assert_eq!(both_at_once(true).await, (409, "RUNNING".into(), [1, 0]));
    assert_eq!(both_at_once(false).await, (200, "CANCELLED".into(), [0, 1]));
}

#[tokio::test]
async fn however_many_look_it_begins_once() {
    let app = with_grace().await;
    let zelda = app.signs_in(NAME).await;
    deletes(&zelda).await;
    app.clock.advance(SignedDuration::from_mins(7 * DAY));
    together((0..5).map(|_| look(&app))).await;
    assert_eq!(app.told::<ErasureRequested>().await, 1);
}
