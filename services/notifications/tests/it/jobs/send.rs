//! Sending: once, later, never.

use std::time::Duration;

use contracts::notifications::{EmailBounced, EmailSent};
use db::Tx;
use jiff::SignedDuration;
use notifications::deliveries::queries;
use notifications::jobs::send;
use notifications::mail::fingerprint;
use serde_json::json;
use tokio::sync::watch;

use crate::support::mail_server::{Letter, Mood};
use crate::support::{TestApp, mails, send_due, the_delivery, wish, with_folder, with_server};

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

fn message_id(letter: &Letter) -> String {
    letter.text.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned()
}

async fn sent(app: &TestApp) -> Vec<EmailSent> {
    app.emitted_of::<EmailSent>().await
}

#[tokio::test]
async fn a_mail_that_was_sent_is_told_and_its_secret_forgotten() {
    let (app, server) = with_server().await;
    app.deliver(&wish(&app, "verify_email", "verify:1")).await.unwrap();
    let queued = the_delivery(&app).await;
    assert!(queued.params.to_string().contains("s3cr3t-t0ken"));
    assert_eq!(send_due(&app).await, 1);
    let [letter] = server.letters().try_into().unwrap();
    assert!(letter.text.contains("token=3Ds3cr3t-t0ken"), "{}", letter.text);
    assert!(letter.text.contains("Date: Tue, 13 Jan 2026 09:30:00 +0000"), "{}", letter.text);
    let done = the_delivery(&app).await;
    assert_eq!((done.state.as_str(), done.attempts, done.params), ("sent", 1, json!({})));
    assert_eq!((done.address, done.masked.as_deref()), (None, Some("a***@example.org")));
    let told = EmailSent { template: "verify_email".into(), user_id: None, dedup_hash: fingerprint("verify:1") };
    assert_eq!(sent(&app).await, [told]);
    assert_eq!(send_due(&app).await, 0);
}

#[tokio::test]
async fn a_server_that_is_down_for_an_hour_gets_the_mail_once() {
    let (app, mut server) = with_server().await;
    server.goes_down().await;
    app.deliver(&wish(&app, "verify_email", "verify:1")).await.unwrap();
    let mut tries = Vec::new();
    for minute in 0..=156 {
        if minute == 60 {
            server.comes_up().await;
        }
        if send_due(&app).await == 1 {
            tries.push(minute);
        }
        app.clock.advance(minutes(1));
    }
    assert_eq!(tries, [0, 1, 6, 36, 156]);
    assert_eq!(server.letters().len(), 1);
    assert_eq!(sent(&app).await.len(), 1);
}

#[tokio::test]
async fn not_now_is_tried_again_and_never_is_not() {
    let (app, server) = with_server().await;
    app.deliver(&wish(&app, "verify_email", "verify:1")).await.unwrap();
    server.is(Mood::Later);
    send_due(&app).await;
    assert_eq!(the_delivery(&app).await.state, "queued");
    server.is(Mood::Never);
    app.clock.advance(minutes(1));
    send_due(&app).await;
    let failed = the_delivery(&app).await;
    assert_eq!((failed.state.as_str(), failed.params), ("failed", json!({})));
    assert_eq!(failed.last_error.as_deref(), Some("the mail server answered 550"), "and not what it repeated");
    server.is(Mood::Takes);
    app.clock.advance(minutes(600));
    assert_eq!(send_due(&app).await, 0);
    let [bounced] = app.emitted_of::<EmailBounced>().await.try_into().unwrap();
    assert_eq!((bounced.reason.as_str(), bounced.dedup_hash), ("refused", fingerprint("verify:1")));
    assert!(server.letters().is_empty() && sent(&app).await.is_empty());
}

#[tokio::test]
async fn a_mail_that_nobody_took_in_time_expires() {
    let (app, mut server) = with_server().await;
    server.goes_down().await;
    let hour = app.clock.now() + minutes(60);
    app.deliver(&contracts::mail::Send { expires_at: hour, ..wish(&app, "reset_password", "reset:1") }).await.unwrap();
    let mut tries = Vec::new();
    for minute in 0..120 {
        if send_due(&app).await == 1 {
            tries.push(minute);
        }
        app.clock.advance(minutes(1));
    }
    assert_eq!(tries, [0, 1, 6, 36, 59], "the last one a minute before it is of no use");
    let expired = the_delivery(&app).await;
    assert_eq!((expired.state.as_str(), expired.params), ("expired", json!({})));
    assert_eq!(app.emitted_of::<EmailBounced>().await[0].reason, "expired");
}

#[tokio::test]
async fn a_mail_that_came_too_late_is_not_sent() {
    let (app, folder) = with_folder().await;
    let past = app.clock.now() - minutes(1);
    app.deliver(&contracts::mail::Send { expires_at: past, ..wish(&app, "reset_password", "reset:1") }).await.unwrap();
    send_due(&app).await;
    assert_eq!((the_delivery(&app).await.state.as_str(), mails(&folder).len()), ("expired", 0));
}

#[tokio::test]
async fn what_is_no_address_is_given_up() {
    let (app, folder) = with_folder().await;
    let wish = wish(&app, "verify_email", "verify:1");
    app.deliver(&contracts::mail::Send { to: Some("ada@example.org\r\nBcc: x@y.z".into()), ..wish }).await.unwrap();
    send_due(&app).await;
    assert_eq!((the_delivery(&app).await.state.as_str(), mails(&folder).len()), ("failed", 0));
}

/// Whoever claimed it died, before or after the server took it: it is sent once its lease is over, as the same mail.
#[tokio::test]
async fn a_claim_that_nobody_finished_is_taken_over_when_its_lease_ends() {
    let (app, server) = with_server().await;
    app.deliver(&wish(&app, "verify_email", "verify:1")).await.unwrap();
    server.is(Mood::TakesAndHangsUp);
    send_due(&app).await;
    server.is(Mood::Takes);
    app.clock.advance(minutes(1));
    let now = app.clock.now();
    let claim = async |tx: &mut Tx| queries::claim(tx, now, minutes(1), 4).await;
    assert_eq!(app.db().tx(claim).await.unwrap().len(), 1, "and dies");
    app.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(send_due(&app).await, 0);
    app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(send_due(&app).await, 1);
    let [first, again] = server.letters().try_into().unwrap();
    assert_eq!(message_id(&first), message_id(&again));
    assert_eq!(sent(&app).await.len(), 1);
}

#[tokio::test]
async fn a_file_that_is_written_twice_is_one_file() {
    let (app, folder) = with_folder().await;
    app.deliver(&wish(&app, "verify_email", "verify:1")).await.unwrap();
    let before = the_delivery(&app).await;
    send_due(&app).await;
    let [(name, _)] = mails(&folder).try_into().unwrap();
    assert_eq!(name, format!("20260113T093000.000000Z-{}.eml", &fingerprint("verify:1")[..16]));
    let again = "UPDATE deliveries SET state = 'queued', ended_at = NULL, params = $1";
    let again = db::sql::<()>(again).bind::<diesel::sql_types::Jsonb, _>(before.params);
    let mut conn = app.db().conn().await.unwrap();
    diesel_async::RunQueryDsl::execute(again, &mut *conn).await.unwrap();
    app.clock.advance(minutes(5));
    send_due(&app).await;
    assert_eq!(mails(&folder).len(), 1);
}

/// The clock travelled a day ahead while a mail was claimed and another put off, and came back.
#[tokio::test]
async fn what_a_clock_dated_that_travelled_back_holds_nobody() {
    let (app, server) = with_server().await;
    let today = app.clock.now();
    app.deliver(&wish(&app, "verify_email", "claimed")).await.unwrap();
    app.clock.advance(minutes(1440 - 5));
    let tomorrow = app.clock.now();
    let claim = async |tx: &mut Tx| queries::claim(tx, tomorrow, minutes(1), 4).await;
    app.db().tx(claim).await.unwrap();
    app.deliver(&wish(&app, "verify_email", "put off")).await.unwrap();
    server.is(Mood::Later);
    send_due(&app).await;
    server.is(Mood::Takes);
    app.clock.set(today);
    assert_eq!(send_due(&app).await, 2);
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn two_senders_at_once_send_each_mail_once() {
    let (app, server) = with_server().await;
    for n in 0..30 {
        app.deliver(&wish(&app, "verify_email", &format!("verify:{n}"))).await.unwrap();
    }
    let (one, other) = tokio::join!(send_due(&app), send_due(&app));
    assert_eq!(one + other, 30);
    let mut ids: Vec<String> = server.letters().iter().map(message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((server.letters().len(), ids.len()), (30, 30));
}

#[tokio::test]
async fn the_job_sends_what_events_queue_and_ends_when_told() {
    let (app, server) = with_server().await;
    let (stop, stopped) = watch::channel(false);
    let state = app.state().clone();
    tokio::join!(app.background(send::send(state, stopped)), async {
        for n in 0..3 {
            app.deliver(&wish(&app, "verify_email", &format!("verify:{n}"))).await.unwrap();
            until(async || server.letters().len() == n + 1).await;
        }
        stop.send(true).unwrap();
    });
}

/// Waits for a condition, for ten seconds at most.
async fn until(condition: impl AsyncFn() -> bool) {
    let all = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("it never came to be");
}
