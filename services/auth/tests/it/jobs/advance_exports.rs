//! Exports move on by themselves.

use contracts::ExportId;
use contracts::export::ExportRequested;
use diesel_async::SimpleAsyncConnection;
use jiff::SignedDuration;

use crate::exports::{all_send, among_others, asks, chunk, comes, has_one, shown, time_passes};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

async fn asked(app: &TestApp) -> Vec<(i32, Vec<String>)> {
    let told = app.emitted_of::<ExportRequested>().await;
    told.into_iter().map(|request| (request.asked, request.participants)).collect()
}

async fn later(app: &TestApp, mins: i64) {
    app.clock.advance(SignedDuration::from_mins(mins));
    time_passes(app).await;
}

/// The owner, signed in anew.
async fn owner(app: &TestApp) -> SignedIn {
    SignedIn::of(app, &app.logs_in("ada", PASSWORD).await)
}

async fn state(app: &TestApp, export: ExportId) -> serde_json::Value {
    shown(&owner(app).await, export).await["state"].clone()
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_and_given_up_after_a_day() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    comes(&app, chunk(export, "auth", 0, true)).await;
    comes(&app, chunk(export, "users", 0, false)).await;
    let missing = vec!["posts".to_owned(), "users".to_owned()];
    later(&app, 14).await;
    assert_eq!(asked(&app).await.len(), 1);
    later(&app, 1).await;
    assert_eq!(asked(&app).await[1..], [(2, missing.clone())]);
    later(&app, 44).await;
    assert_eq!(asked(&app).await.len(), 2);
    later(&app, 1).await;
    assert_eq!(asked(&app).await[2..], [(3, missing)]);
    later(&app, 23 * 60 - 1).await;
    assert_eq!(state(&app, export).await, "PREPARING");
    later(&app, 1).await;
    assert_eq!(asked(&app).await.len(), 3);
    let shown = shown(&owner(&app).await, export).await;
    assert_eq!(shown["state"], "FAILED");
    let states: Vec<_> = shown["services"].as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["READY", "WAITING", "WAITING"], "it names who did not answer");
    assert_eq!(app.count("SELECT count(*) FROM export_parts").await, 0);
    comes(&app, chunk(export, "posts", 0, true)).await;
    assert_eq!(app.count("SELECT count(*) FROM export_parts").await, 0, "too late");
    asks(&owner(&app).await).await;
}

#[tokio::test]
async fn who_answers_the_second_time_makes_it_ready() {
    let app = among_others().await;
    let export = asks(&app.signs_in("ada").await).await;
    later(&app, 15).await;
    all_send(&app, export).await;
    assert_eq!(state(&app, export).await, "READY");
    later(&app, 50).await;
    assert_eq!(asked(&app).await.len(), 2, "nobody is asked any more");
}

#[tokio::test]
async fn what_was_sent_is_deleted_a_day_later_in_steps() {
    let app = among_others().await;
    let export = has_one(&app, &app.signs_in("ada").await).await;
    let many =
        format!("INSERT INTO export_parts SELECT '{export}', 'posts', n, 'notes', 'x' FROM generate_series(10, 600) n");
    app.execute(&many).await;
    later(&app, 24 * 60 - 1).await;
    assert_eq!(app.count("SELECT count(*) FROM export_parts").await, 597);
    later(&app, 1).await;
    assert_eq!(app.count("SELECT count(*) FROM export_parts").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM exports WHERE state = 'EXPIRED' AND next_at IS NULL").await, 1);
    app.clock.advance(SignedDuration::from_hours(35 * 24));
    auth::jobs::sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM exports").await, 0);
}

#[tokio::test]
async fn that_of_a_closed_account_is_deleted_at_once_whether_it_was_ready_or_not() {
    let app = among_others().await;
    has_one(&app, &app.signs_in("ada").await).await;
    let running = asks(&app.signs_in("bob").await).await;
    comes(&app, chunk(running, "posts", 0, false)).await;
    app.execute("UPDATE users SET is_active = false").await;
    comes(&app, chunk(running, "users", 0, true)).await;
    time_passes(&app).await;
    for table in ["SELECT count(*) FROM exports", "SELECT count(*) FROM export_parts"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn whoever_erases_an_account_deletes_its_exports_and_no_others() {
    let app = among_others().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    has_one(&app, &ada).await;
    let his = has_one(&app, &bob).await;
    let user = ada.id;
    app.db().tx(async |tx: &mut db::Tx| auth::exports::forget(tx, user).await).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM exports").await, 1);
    assert_eq!(shown(&bob, his).await["state"], "READY");
    assert_eq!(app.count("SELECT count(*) FROM export_parts").await, 6);
}

#[tokio::test]
async fn a_clock_that_went_back_keeps_nothing_for_ever() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_secs(60));
    has_one(&app, &ada).await;
    app.clock.advance(-SignedDuration::from_secs(61));
    time_passes(&app).await;
    assert_eq!(app.count("SELECT count(*) FROM export_parts").await, 0);
}

#[tokio::test]
async fn one_that_is_locked_keeps_no_other_waiting() {
    let app = among_others().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    asks(&ada).await;
    asks(&bob).await;
    let mut holder = app.db().conn().await.unwrap();
    let hold = format!("BEGIN; SELECT FROM users WHERE id = '{}' FOR UPDATE", ada.id);
    holder.batch_execute(&hold).await.unwrap();
    later(&app, 15).await;
    let again = async || asked(&app).await.iter().filter(|(times, _)| *times == 2).count();
    assert_eq!(again().await, 1, "bob's");
    holder.batch_execute("ROLLBACK").await.unwrap();
    later(&app, 1).await;
    assert_eq!(again().await, 2);
}
