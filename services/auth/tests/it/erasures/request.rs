//! DELETE /auth/me.

use contracts::acts::UserDeactivated;
use contracts::gdpr::ErasureRequested;
use jiff::SignedDuration;
use serde_json::json;

use super::{NAME, OTHERS, after, asked, deletes, look, with_services};
use crate::identities::{ISSUER, enters, somebody};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

#[tokio::test]
async fn only_who_is_signed_in_and_shows_it_once_more_is_erased() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    app.nobody().delete("/auth/me").await.is(401, "unauthenticated");
    zelda.actor.delete("/auth/me").json(json!({ "password": "not her password" })).await.is(401, "invalid_credentials");
    zelda.actor.delete("/auth/me").json(json!({ "passwort": PASSWORD })).await.has_status(422);
    app.clock.advance(SignedDuration::from_secs(600));
    zelda.actor.delete("/auth/me").await.is(401, "step_up_required");
    assert_eq!(app.told::<UserDeactivated>().await, 0);
    zelda.actor.delete("/auth/me").json(json!({ "password": PASSWORD })).await.has_status(202);
    assert_eq!(app.told::<UserDeactivated>().await, 1);
}

#[tokio::test]
async fn the_account_is_closed_at_once_everywhere() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let elsewhere = SignedIn::of(&app, &app.logs_in(NAME, PASSWORD).await);
    deletes(&zelda).await;
    for session in [&zelda, &elsewhere] {
        session.actor.get("/auth/me").await.is(401, "token_revoked");
        app.refreshes(&session.refresh).await.is(401, "refresh_invalid");
    }
    app.logs_in(NAME, PASSWORD).await.is(401, "invalid_credentials");
    let mail = app.mails(NAME).await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.user_id), ("erasure_requested", None));
}

#[tokio::test]
async fn the_address_and_the_name_are_free_at_once() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    deletes(&zelda).await;
    let again = app.signs_in(NAME).await;
    assert_ne!(again.id, zelda.id);
    look(&app).await;
    deletes(&again).await;
    look(&app).await;
    assert_eq!(app.told::<ErasureRequested>().await, 2, "one person twice, both at once");
}

#[tokio::test]
async fn asked_for_by_twenty_clients_at_once_it_is_one_erasure() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let answers = together((0..20).map(|_| async { zelda.actor.delete("/auth/me").await.status })).await;
    assert_eq!(answers.iter().filter(|status| **status == 202).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [202, 401].contains(status)), "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM erasures").await, 1);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = with_services(&[]).await;
    let grace = app.administers("grace").await;
    grace.actor.delete("/auth/me").await.is(409, "last_admin");
    app.administers("heidi").await;
    grace.actor.delete("/auth/me").await.has_status(202);
}

#[tokio::test]
async fn all_who_announced_themselves_are_asked() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    assert_eq!(erasure.state(&app).await, "REQUESTED");
    look(&app).await;
    assert_eq!(erasure.state(&app).await, "RUNNING");
    assert_eq!(asked(&app).await, [OTHERS]);
    let told = app.emitted_of::<ErasureRequested>().await.pop().unwrap();
    assert_eq!((told.erasure_id, told.user_id), (erasure.id, zelda.id));
    assert_eq!(told.deadline, app.clock.now() + SignedDuration::from_hours(30 * 24));
    let services = erasure.read(&app).await.json()["services"].clone();
    let states: Vec<_> =
        services.as_array().unwrap().iter().map(|one| (one["name"].clone(), one["state"].clone())).collect();
    let expected = [("notifications", "ASKED"), ("posts", "ASKED"), ("users", "ASKED"), ("auth", "LAST")];
    assert_eq!(states, expected.map(|(name, state)| (json!(name), json!(state))));
}

#[tokio::test]
async fn where_nobody_else_takes_part_it_is_done_at_once() {
    let app = TestApp::start().await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    assert_eq!(erasure.state(&app).await, "COMPLETED");
}

#[tokio::test]
async fn the_month_counts_from_the_request_however_long_it_may_be_taken_back() {
    let app = with_services(&[("AUTH_ERASURE_GRACE", "7d")]).await;
    let (zelda, then) = (app.signs_in(NAME).await, app.clock.now());
    deletes(&zelda).await;
    after(&app, 7 * 24 * 60).await;
    let told = app.emitted_of::<ErasureRequested>().await.pop().unwrap();
    assert_eq!(told.deadline, then + SignedDuration::from_hours(30 * 24));
}

#[tokio::test]
async fn whoever_came_through_a_provider_comes_back_at_once_as_somebody_new() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let identity = format!(
        "INSERT INTO identities (id, user_id, provider, issuer, subject, created_at, last_used_at)
         VALUES ('{0}', '{0}', 'google', '{ISSUER}', '{1}', '2026-01-01Z', '2026-01-01Z')",
        zelda.id,
        somebody(NAME).subject
    );
    app.execute(&identity).await;
    deletes(&zelda).await;
    assert_ne!(enters(&app, &somebody(NAME)).await, zelda.id);
}
