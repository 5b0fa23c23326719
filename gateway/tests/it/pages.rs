//! What the gateway answers itself.

use crate::support::{Gate, until};

#[tokio::test]
async fn health_is_degraded_where_something_can_be_done_without() {
    let gate = Gate::start().await;
    let health = gate.get("/health", &[]).await;
    assert_eq!(health.status, 200);
    let body = health.json();
    assert_eq!((body["status"].as_str(), body["service"].as_str()), (Some("degraded"), Some("gateway")));
    assert_eq!(body["dependencies"]["broker"], "disconnected");
    assert_eq!(body["dependencies"]["keys"], "present");
    assert!(body["uptime_s"].is_u64() && body["timestamp"].is_string() && body["version"].is_string());
    until("the services were asked", async || {
        let body = gate.get("/health", &[]).await.json();
        body["dependencies"]["posts"] == "healthy" && body["dependencies"]["odd"] == "away"
    })
    .await;
    gate.upstream.die();
    until("the service is known to be away", async || {
        gate.get("/health", &[]).await.json()["dependencies"]["posts"] == "away"
    })
    .await;
    assert_eq!(gate.get("/health", &[]).await.status, 200);
    assert_eq!(gate.get("/health/live", &[]).await.status, 200);
    assert_eq!(gate.get("/health/ready", &[]).await.status, 200);
    gate.stop().await;
}

#[tokio::test]
async fn the_description_is_that_of_all_services_as_far_as_it_is_routed() {
    let gate = Gate::start().await;
    until("the services were asked", async || {
        gate.get("/api/v1/openapi.json", &[]).await.json()["paths"].get("/api/v1/echo").is_some()
    })
    .await;
    let document = gate.get("/api/v1/openapi.json", &[]).await.json();
    assert_eq!(document["paths"]["/api/v1/echo"]["get"]["operationId"], "echo");
    assert!(document["paths"].get("/api/v1/secret").is_none());
    assert_eq!(document["servers"][0]["url"], "/");
    gate.stop().await;
}

#[tokio::test]
async fn the_documentation_works_under_its_own_policy() {
    let gate = Gate::start().await;
    let page = gate.get("/api/docs", &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self';"));
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert!(page.text().contains(file));
        assert_eq!(gate.get(&format!("/api/docs/{file}"), &[]).await.status, 200, "{file}");
    }
    gate.get("/api/docs/nothing.js", &[]).await.is(404, "not_found");
    gate.stop().await;
}

#[tokio::test]
async fn the_internal_port_has_what_nobody_is_routed_to() {
    let gate = Gate::start().await;
    let inside = async |request: &str| {
        let bytes = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        crate::support::exchange(gate.running.internal_address(), bytes.as_bytes()).await.remove(0).status
    };
    assert_eq!(inside("GET /metrics").await, 200);
    assert_eq!(inside("GET /health/ready").await, 200);
    assert_eq!(inside("POST /internal/clock").await, 404, "no clock file, no such thing");
    assert_eq!(inside("GET /api/v1/echo").await, 404);
    gate.stop().await;
}

#[tokio::test]
async fn a_kind_of_refusal_is_explained_to_people() {
    let gate = Gate::start().await;
    let page = gate.get("/problems/not-found", &[("Accept-Language", "en")]).await;
    assert!(page.text().contains("Not found"));
    assert_eq!(gate.get("/.well-known/security.txt", &[]).await.status, 200);
    gate.stop().await;
}
