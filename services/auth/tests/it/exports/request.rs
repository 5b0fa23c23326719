//! POST /auth/exports.

use auth::accounts::row::UserRow;
use auth::exports::request::begin;
use auth::sessions::Visitor;
use contracts::export::ExportRequested;
use contracts::{SessionId, UserId};
use jiff::SignedDuration;
use serde_json::json;

use super::{SERVICES, among_others, asks, has_one, id_in, shown};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, together};

async fn account(app: &TestApp, user: UserId) -> UserRow {
    auth::accounts::whole(&mut app.db().conn().await.unwrap(), user).await.unwrap().unwrap().user
}

#[tokio::test]
async fn only_who_is_signed_in_and_has_an_open_account_asks_for_it() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    app.nobody().post("/auth/exports", json!({ "password": PASSWORD })).await.is(401, "unauthenticated");
    ada.actor.post("/auth/exports", json!({ "password": PASSWORD, "of": "bob" })).await.has_status(422);
    app.execute("UPDATE users SET is_active = false").await;
    ada.actor.post("/auth/exports", json!({})).await.is(401, "token_revoked");
    assert_eq!(app.told::<ExportRequested>().await, 0);
}

#[tokio::test]
async fn ten_minutes_after_the_login_the_password_is_asked_for() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(10));
    let mark = app.mark().await;
    ada.actor.post("/auth/exports", json!({})).await.is(401, "step_up_required");
    ada.actor.call(reqwest::Method::POST, "/auth/exports").await.is(401, "step_up_required");
    let wrong = json!({ "password": NEW_PASSWORD });
    ada.actor.post("/auth/exports", wrong).await.is(401, "invalid_credentials");
    app.emitted_nothing_since(mark).await;
    ada.actor.post("/auth/exports", json!({ "password": PASSWORD })).await.has_status(202);
}

#[tokio::test]
async fn of_many_at_once_one_begins_it_and_the_others_get_the_same() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let answers = together((0..20).map(|_| async { ada.actor.post("/auth/exports", json!({})).await })).await;
    let ids: Vec<_> = answers.iter().map(|answer| id_in(answer.has_status(202))).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(app.told::<ExportRequested>().await, 1);
    assert_eq!(app.mails("ada").await.iter().filter(|mail| mail.template == "export_requested").count(), 1);
}

#[tokio::test]
async fn of_many_processes_one_begins_it() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let (known, session, visitor) = (account(&app, ada.id).await, SessionId::at(app.clock.now()), Visitor::default());
    let processes = app.processes(4).await;
    let begun = together(processes.iter().map(|process| begin(process, &known, session, &visitor))).await;
    let ids: Vec<_> = begun.into_iter().map(|begun| begun.unwrap().id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(app.told::<ExportRequested>().await, 1);
}

#[tokio::test]
async fn whoever_changed_the_password_meanwhile_is_not_who_showed_it() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let known = account(&app, ada.id).await;
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    let session = SessionId::at(app.clock.now());
    let refused = begin(app.state(), &known, session, &Visitor::default()).await.unwrap_err();
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn one_a_day_and_one_that_failed_is_not_counted() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let first = has_one(&app, &ada).await;
    let again = |who: SignedIn| async move { who.actor.post("/auth/exports", json!({ "password": PASSWORD })).await };
    app.clock.advance(SignedDuration::from_secs(1));
    let refused = ada.actor.post("/auth/exports", json!({})).await;
    assert_eq!(refused.is(429, "export_too_soon").header("retry-after"), Some("86399"));
    app.clock.advance(SignedDuration::from_secs(24 * 3600 - 2));
    let later = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    again(later).await.is(429, "export_too_soon");
    app.clock.advance(SignedDuration::from_secs(1));
    let later = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let second = asks(&later).await;
    assert_ne!(first, second);
    app.execute("UPDATE exports SET state = 'FAILED' WHERE state = 'PREPARING'").await;
    assert_ne!(asks(&later).await, second);
}

#[tokio::test]
async fn one_asked_for_by_a_clock_that_went_back_holds_nobody() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_secs(60));
    has_one(&app, &ada).await;
    app.clock.advance(-SignedDuration::from_secs(30));
    asks(&ada).await;
}

#[tokio::test]
async fn every_service_is_asked_and_the_owner_is_warned() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_secs(1));
    let answer = ada.actor.post("/auth/exports", json!({})).await;
    answer.has_status(202);
    let id = id_in(&answer);
    assert_eq!(answer.json(), json!({ "export_id": id, "state": "PREPARING" }));
    assert_eq!(answer.header("location"), Some(format!("/api/v1/auth/exports/{id}").as_str()));
    let told = app.emitted_of::<ExportRequested>().await;
    let participants = SERVICES.map(String::from).to_vec();
    assert_eq!(told, [ExportRequested { export_id: id, user_id: ada.id, asked: 1, participants }]);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!(mail.template, "export_requested");
    assert!(!mail.params.contains_key("link"));
    let events = ada.actor.get("/auth/security-events?limit=1").await.json();
    assert_eq!(events["items"][0]["kind"], "export_requested");
    assert_eq!(shown(&ada, id).await["services"].as_array().unwrap().len(), SERVICES.len());
    app.kept_no_word_of(&[PASSWORD.into(), "Lovelace".into()]).await;
}
