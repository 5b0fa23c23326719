//! GET /auth/exports/{id}.

use contracts::ExportId;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{all_send, among_others, asks, chunk, comes, shown};
use crate::support::{Deeds, SignedIn};

#[tokio::test]
async fn nobody_sees_it_but_its_owner() {
    let app = among_others().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let path = format!("/auth/exports/{}", asks(&ada).await);
    app.nobody().get(&path).await.is(401, "unauthenticated");
    bob.actor.get(&path).await.is(404, "not_found");
    let unknown = format!("/auth/exports/{}", ExportId::at(app.clock.now()));
    ada.actor.get(&unknown).await.is(404, "not_found");
    ada.actor.get("/auth/exports/x").await.is(404, "not_found");
    ada.actor.get(&path).await.has_status(200);
}

#[tokio::test]
async fn it_says_whose_parts_are_there_and_gives_a_link_once_all_are() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    let now = app.clock.now();
    comes(&app, chunk(export, "posts", 0, true)).await;
    comes(&app, chunk(export, "users", 0, false)).await;
    let services = |states: [&str; 3]| {
        let all = super::SERVICES.into_iter().zip(states);
        all.map(|(name, state)| json!({ "name": name, "state": state })).collect::<Value>()
    };
    assert_eq!(
        shown(&ada, export).await,
        json!({
            "id": export, "state": "PREPARING", "requested_at": now, "ready_at": null, "expires_at": null,
            "services": services(["WAITING", "READY", "WAITING"]),
        })
    );
    app.clock.advance(SignedDuration::from_secs(5));
    all_send(&app, export).await;
    let (ready_at, shown) = (app.clock.now(), shown(&ada, export).await);
    assert_eq!(shown["services"], services(["READY"; 3]));
    assert_eq!((&shown["state"], &shown["ready_at"]), (&json!("READY"), &json!(ready_at)));
    assert_eq!(shown["expires_at"], json!(ready_at + SignedDuration::from_hours(24)));
    let url = shown["url"].as_str().unwrap();
    let (path, token) = url.split_once("?token=").unwrap();
    assert_eq!(path, format!("http://127.0.0.1:8080/api/v1/auth/exports/{export}/archive"));
    assert_eq!(token.len(), 43);
    assert!(!token.contains(&ada.access));
}

#[tokio::test]
async fn a_day_later_it_is_gone_though_nobody_has_deleted_it_yet() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    all_send(&app, export).await;
    app.clock.advance(SignedDuration::from_hours(24));
    let later = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    let shown = shown(&later, export).await;
    assert_eq!((&shown["state"], &shown["url"]), (&json!("EXPIRED"), &Value::Null));
}
