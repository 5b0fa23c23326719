//! How long PREMIUM stays by what was told.

use auth::jobs::settle_tiers;
use jiff::SignedDuration;
use serde_json::json;

use super::{BEGIN, DAY, Payments, subscription, with};
use crate::support::{Deeds, TestApp};

/// Lets time pass up to a second before a day, and then that second; how many are PREMIUM at either moment.
async fn around(app: &TestApp, day: i64) -> (i64, i64) {
    let passed = app.clock.now().as_second() - BEGIN;
    app.clock.advance(SignedDuration::from_secs(day * DAY - 1 - passed));
    while settle_tiers::once(app.state()).await.unwrap() {}
    let before = app.premium().await;
    app.clock.advance(SignedDuration::from_secs(1));
    while settle_tiers::once(app.state()).await.unwrap() {}
    (before, app.premium().await)
}

#[tokio::test]
async fn what_is_not_paid_for_gives_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    let unpaid = ["unpaid", "paused", "incomplete", "a_status_to_come", "incomplete_expired"];
    for (status, at) in unpaid.into_iter().zip([10, 20, 30, 40, 50]) {
        app.hears(&subscription("updated", "ada", BEGIN + at, status)).await;
        assert_eq!(app.premium().await, 0, "{status}");
        app.hears(&subscription("updated", "ada", BEGIN + at + 1, "trialing")).await;
        assert_eq!(app.premium().await, i64::from(status != "incomplete_expired"), "trialing after {status}");
    }
}

#[tokio::test]
async fn a_renewal_that_is_not_heard_of_is_waited_for_a_week() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    assert_eq!(around(&app, 37).await, (1, 0));
    app.hears(&subscription("updated", "ada", BEGIN + 30 * DAY, "active")).await;
    assert_eq!(app.premium().await, 1, "it was only late");
}

#[tokio::test]
async fn an_end_that_was_chosen_is_kept_to_the_second() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.hears(&with(subscription("updated", "ada", BEGIN, "active"), "cancel_at_period_end", true)).await;
    assert_eq!(around(&app, 30).await, (1, 0));
}

#[tokio::test]
async fn an_end_that_was_chosen_otherwise_is_kept_as_well() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.hears(&with(subscription("updated", "ada", BEGIN, "active"), "cancel_at", BEGIN + 10 * DAY)).await;
    assert_eq!(around(&app, 10).await, (1, 0));
}

#[tokio::test]
async fn a_period_is_read_as_older_versions_write_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    let event = subscription("updated", "ada", BEGIN + 1, "active");
    let old = with(with(event, "items", json!(null)), "current_period_end", BEGIN + 3 * DAY);
    app.hears(&old).await;
    assert_eq!(around(&app, 10).await, (1, 0));
}

#[tokio::test]
async fn a_payment_that_failed_is_told_once_and_waited_for_a_week() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    for at in [1, 2, 3] {
        app.hears(&subscription("updated", "ada", BEGIN + at * DAY, "past_due")).await;
    }
    let mut mails = app.mails("ada").await;
    mails.retain(|mail| mail.template == "payment_failed");
    assert_eq!((mails.len(), mails[0].params["until"].as_str()), (1, "2026-01-21 10:30 CET"));
    assert_eq!(around(&app, 8).await, (1, 0));
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "premium_ended");
    app.hears(&subscription("updated", "ada", BEGIN + 4 * DAY, "active")).await;
    assert_eq!(app.premium().await, 1, "it was paid after all");
}

#[tokio::test]
async fn how_long_is_waited_is_a_setting() {
    let app = TestApp::with(&[("AUTH_PREMIUM_GRACE", "48h")]).await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    assert_eq!(around(&app, 32).await, (1, 0));
}

#[tokio::test]
async fn an_address_that_nobody_proved_is_not_written_to() {
    let app = TestApp::start().await;
    app.registers("ada").await;
    let user = app.text("SELECT id::text FROM users").await.parse().unwrap();
    app.pays(user, "ada", BEGIN).await;
    assert_eq!(app.premium().await, 1);
    assert_eq!(app.mails("ada").await.len(), 1, "the link alone");
}
