//! What operators see.

use std::sync::Arc;
use std::time::Duration;

use crate::fleet::Fleet;
use crate::mail;
use crate::person::{PASSWORD, Person, send};
use crate::wait;

pub async fn health_has_the_required_form(fleet: Arc<Fleet>) {
    let whole = send(fleet.http.get(fleet.url("/health"))).await.is(200).json();
    assert_eq!(whole["status"], "healthy", "{whole}");
    for name in ["auth", "users", "posts", "notifications"] {
        assert!(whole["dependencies"][name].is_object() || whole["dependencies"][name].is_string(), "{name}: {whole}");
        let own = send(fleet.http.get(format!("{}/health", fleet.part(name).url))).await.is(200).json();
        assert_eq!((own["status"].as_str(), own["database"].as_str()), (Some("healthy"), Some("connected")), "{own}");
        assert!(
            own["service"].as_str().unwrap().starts_with(name)
                && own["version"].is_string()
                && own["uptime_s"].is_number(),
            "{own}"
        );
        assert!(own["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{own}");
        for kind in ["live", "ready"] {
            send(fleet.http.get(format!("{}/health/{kind}", fleet.part(name).url))).await.is(200);
        }
    }
}

pub async fn figures_are_on_the_internal_port_alone(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    ada.get("/posts").await.is(200);
    send(fleet.http.get(fleet.url("/metrics"))).await.refuses(404, "not_found");
    for name in ["gateway", "auth", "users", "posts", "notifications"] {
        let text = send(fleet.http.get(fleet.internal(name, "/metrics"))).await.is(200).text;
        for series in ["http_requests_total", "http_request_duration_seconds", "app_uptime_seconds"] {
            assert!(text.contains(series), "{name} has no {series}");
        }
        assert!(!text.contains(&ada.id), "{name} labels by id");
    }
    let posts = send(fleet.http.get(fleet.internal("posts", "/metrics"))).await.text;
    assert!(posts.contains("endpoint=\"/api/v1/posts\""), "{posts}");
}

pub async fn a_request_can_be_followed_through_the_logs(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let answer = ada.post("/posts", serde_json::json!({ "body": "À suivre" })).await.is(201);
    let id = answer.header("x-request-id").to_owned();
    assert!(!id.is_empty());
    for name in ["gateway", "posts"] {
        wait::until_true(&format!("the request in the log of {name}"), Duration::from_secs(5), async || {
            lines(&fleet, name).iter().any(|line| line["request_id"] == id.as_str())
        })
        .await;
    }
    let line = lines(&fleet, "posts").into_iter().find(|line| line["request_id"] == id.as_str()).unwrap();
    for field in
        ["timestamp", "level", "service", "version", "trace_id", "route", "status", "latency_ms", "user_id", "msg"]
    {
        assert!(!line[field].is_null(), "{field} is missing: {line}");
    }
    let trail = crate::fleet::run(&["trail", &id]);
    let trail = String::from_utf8_lossy(&trail.stdout).into_owned();
    assert!(trail.contains("gateway") && trail.contains("posts"), "{trail}");
}

fn lines(fleet: &Fleet, name: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(fleet.part(name).log).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

pub async fn no_secret_is_in_any_log(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let token = mail::to(&fleet, &ada.email)[0].token();
    ada.get(&format!("/auth/verify-email?token={token}")).await;
    let by_query = format!("/users/me?access_token={}", ada.access);
    ada.get(&by_query).await;
    ada.post("/auth/refresh", serde_json::json!({ "refresh_token": ada.refresh })).await.is(200);
    for name in ["gateway", "auth", "users", "posts", "notifications"] {
        let log = std::fs::read_to_string(fleet.part(name).log).unwrap();
        for (what, secret) in [
            ("a password", PASSWORD),
            ("an access token", &ada.access),
            ("a refresh token", &ada.refresh),
            ("a link's token", &token),
            ("an address", &ada.email),
        ] {
            assert!(!log.contains(secret), "{what} is in the log of {name}");
        }
    }
}
