//! What was ended is refused, by the gateway and by every service, within a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::person::{Person, send};
use crate::wait;

/// A path of each service that wants somebody signed in.
pub const DOORS: [(&str, &str); 3] =
    [("auth", "/api/v1/auth/me"), ("users", "/api/v1/users/me"), ("posts", "/api/v1/posts")];

/// A path of each other service, that lets in administrators alone: whoever is not refused as ended is refused as no
/// administrator.
const ADMIN_DOORS: [(&str, &str); 1] = [("notifications", "/api/v1/notifications/deliveries")];

/// The gateway and each service, asked past the gateway, refuse this person's access token, all within the same second.
pub async fn refused_everywhere(gone: &Person<'_>) {
    let fleet = gone.fleet;
    let begun = Instant::now();
    let mut urls = Vec::new();
    for (service, path) in DOORS.into_iter().chain(ADMIN_DOORS) {
        urls.extend(["gateway", service].map(|part| format!("{}{path}", fleet.part(part).url)));
    }
    join_all(urls.into_iter().map(|url| async move {
        let ask = || send(fleet.http.get(&url).bearer_auth(&gone.access));
        let left = Duration::from_secs(1).saturating_sub(begun.elapsed());
        wait::until_true(&format!("{url} to refuse what was ended"), left, async || ask().await.status == 401).await;
        let refused = ask().await.refuses(401, "token_revoked");
        assert!(refused.header("www-authenticate").starts_with("Bearer error="), "{:?}", refused.headers);
        assert!(refused.json()["login_url"].is_string(), "{}", refused.text);
    }))
    .await;
}

pub async fn an_ended_session_is_refused_everywhere_within_a_second(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    for (service, path) in DOORS {
        for base in [fleet.part("gateway").url, fleet.part(service).url] {
            send(fleet.http.get(format!("{base}{path}")).bearer_auth(&ada.access)).await.is(200);
        }
    }
    ada.post("/auth/logout", json!({})).await.is(204);
    refused_everywhere(&ada).await;
}

/// A session, an account and a single token are ended; then each process is killed, and starts again knowing it.
pub async fn what_was_ended_is_refused_after_a_restart_of_anything(fleet: Arc<Fleet>) {
    let here = Person::new(&fleet).await;
    let there = here.elsewhere().await;
    let promoted = Person::new(&fleet).await;
    let given_away = Person::new(&fleet).await;
    let sessions = there.get("/auth/sessions").await.is(200).json();
    let own = sessions["items"].as_array().unwrap().iter().find(|item| item["current"] == true).unwrap();
    here.delete(&format!("/auth/sessions/{}", own["id"].as_str().unwrap())).await.is(204);
    refused_everywhere(&there).await;
    let appointed = fleet::command(&["admin", &promoted.email]).output().unwrap();
    assert!(appointed.status.success(), "{}", String::from_utf8_lossy(&appointed.stderr));
    refused_everywhere(&promoted).await;
    let revoke = fleet.http.post(fleet.url("/api/v1/auth/revoke")).form(&[("token", &given_away.access)]);
    send(revoke).await.is(200);
    refused_everywhere(&given_away).await;
    for name in ["gateway", "users", "posts", "notifications", "auth"] {
        let old = fleet.kill(name);
        fleet.back(name, old, Duration::from_secs(20)).await;
        for gone in [&there, &promoted, &given_away] {
            refused_everywhere(gone).await;
        }
    }
    here.get("/users/me").await.is(200);
    // The session of the token that was ended alone goes on.
    given_away.post("/auth/refresh", json!({ "refresh_token": given_away.refresh })).await.is(200);
}
