//! Shifting the time of every running service.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::mail;
use crate::person::{PASSWORD, Person, fresh, registration, send};

/// Shifts every clock, or the journey ends here.
/// Shifts the time of all.
pub fn travel(to: &str) {
    let done = fleet::run(&["travel", to]);
    assert!(
        done.status.success(),
        "travel {to}: {}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

async fn hour_of(fleet: &Fleet, service: &str) -> jiff::Timestamp {
    let health = send(fleet.http.get(format!("{}/health", fleet.part(service).url))).await.json();
    health["timestamp"].as_str().unwrap().parse().unwrap()
}

pub async fn a_link_expires_and_nobody_stays_blocked_on_the_way_back(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let name = fresh("late");
    let late = Person::without_account(&fleet, format!("{name}@example.org"));
    late.post("/auth/register", registration(&name)).await.is(201);
    let letter = mail::wait_for(&fleet, &late.email, 1).await;
    let before = hour_of(&fleet, "posts").await;
    travel("+25h");
    for service in ["gateway", "auth", "users", "posts", "notifications"] {
        let ahead = hour_of(&fleet, service).await.duration_since(before);
        assert!((25..26).contains(&ahead.as_hours()), "{service} is {ahead:?} ahead");
    }
    ada.get("/users/me").await.refuses(401, "token_expired");
    late.post("/auth/verify-email", json!({ "token": letter.token() })).await.refuses(410, "token_expired");
    // Use up limits, write, sign in and out: all of it dated tomorrow.
    let tomorrow = ada.elsewhere().await;
    let path = tomorrow.has_post("Demain").await;
    let used_up = std::time::Instant::now();
    while tomorrow.get("/users/me").await.status != 429 {
        assert!(used_up.elapsed() < Duration::from_secs(30), "the limit is not kept");
    }
    tomorrow.post("/auth/logout", json!({ "all": true })).await;
    travel("now");
    let bound = Duration::from_secs(61);
    let today = crate::wait::until("the limit of logins to hold no longer than its minute", bound, async || {
        let answer = ada.post("/auth/login", json!({ "email": ada.email, "password": PASSWORD })).await;
        let access = answer.json()["access_token"].as_str().map(str::to_owned);
        access.map(|access| Person { access, ..ada.clone() })
    })
    .await;
    crate::wait::until_true("the limit of tomorrow to hold no longer than its minute", bound, async || {
        today.get("/users/me").await.status == 200
    })
    .await;
    crate::wait::until_true("the post of tomorrow to be there", bound, async || today.get(&path).await.status == 200)
        .await;
    let like = format!("{path}/like");
    crate::wait::until_true("a like to be taken today", bound, async || today.set(&like).await.status == 204).await;
    let bob = Person::new(&fleet).await; // a mail, its link, an event and a session, all of today
    assert_eq!(bob.post("/posts", json!({ "body": "Aujourd'hui" })).await.status, 201);
    fleet.settled(Duration::from_secs(20)).await;
    let wrong = fleet::run(&["travel", "someday"]);
    assert!(!wrong.status.success());
}

pub async fn a_service_that_starts_later_has_the_time(fleet: Arc<Fleet>) {
    travel("2026-03-29T01:30:00+01:00");
    let old = fleet.kill("posts");
    fleet.back("posts", old, Duration::from_secs(20)).await;
    let there: jiff::Timestamp = "2026-03-29T00:30:00Z".parse().unwrap();
    for service in ["posts", "users"] {
        let off = hour_of(&fleet, service).await.duration_since(there);
        assert!((0..10).contains(&off.as_mins()), "{service} is {off:?} off");
    }
    travel("now");
}
