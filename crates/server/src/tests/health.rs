use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::client::{Reply, send};
use super::notes::Notes;

async fn inside(notes: &Notes, line: &str) -> Reply {
    send(notes.running.internal, &format!("{line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).await
}

#[tokio::test]
async fn health_has_the_required_form() {
    let notes = Notes::start().await;
    for path in ["/health", "/health/ready"] {
        for reply in [notes.ask(&format!("GET {path}"), &[], "").await, inside(&notes, &format!("GET {path}")).await] {
            let mut body = reply.json();
            assert!(body["uptime_s"].take().as_u64().unwrap() < 60);
            let expected = json!({
                "status": "healthy", "service": "notes", "version": "1.2.3", "database": "connected",
                "timestamp": "2026-03-29T01:30:00Z", "uptime_s": null,
                "dependencies": { "database": "connected", "broker": "connected", "keys": "connected" },
            });
            assert_eq!((reply.status, body), (200, expected));
        }
    }
}

#[tokio::test]
async fn what_it_can_do_without_makes_it_degraded() {
    let notes = Notes::start().await;
    notes.levers.broker.store(false, Ordering::SeqCst);
    let reply = notes.ask("GET /health", &[], "").await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("degraded")));
    assert_eq!(reply.json()["dependencies"]["broker"], "disconnected");
    assert_eq!(notes.ask("GET /health/ready", &[], "").await.status, 200);
}

#[tokio::test]
async fn what_it_needs_makes_it_unhealthy_but_not_dead() {
    let notes = Notes::start().await;
    notes.levers.database.store(false, Ordering::SeqCst);
    let reply = notes.ask("GET /health", &[], "").await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (503, Some("unhealthy")));
    assert_eq!(reply.json()["database"], "disconnected");
    let live = notes.ask("GET /health/live", &[], "").await;
    assert_eq!((live.status, live.json()["status"].as_str()), (200, Some("healthy")));
    assert_eq!(notes.levers.asked.load(Ordering::SeqCst), 1, "being alive asks nobody");
}

#[tokio::test]
async fn dependencies_are_asked_at_most_once_a_second() {
    let notes = Notes::start().await;
    let replies = join_all((0..20).map(|_| notes.ask("GET /health/ready", &[], ""))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert!(notes.levers.asked.load(Ordering::SeqCst) <= 2, "20 asked at once");
}

#[tokio::test]
async fn a_draining_service_still_answers_but_says_that_it_is_not_ready() {
    let notes = Notes::with(|options| crate::Options { drain_wait: Duration::from_secs(60), ..options }).await;
    assert_eq!(notes.ask("GET /health/ready", &[], "").await.status, 200);
    let Notes { running, .. } = notes;
    let public = running.public;
    let asks = async {
        let ask = |path: &'static str| async move {
            send(public, &format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).await
        };
        while ask("/health/ready").await.status == 200 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask("/api/v1/notes").await.status, 200);
        assert_eq!(ask("/health/live").await.status, 200);
    };
    tokio::select! {
        () = running.stop() => panic!("it stopped at once"),
        () = asks => {}
    }
}

#[tokio::test]
async fn the_internal_port_has_what_the_public_one_has_not() {
    let notes = Notes::start().await;
    assert_eq!(inside(&notes, "GET /internal/secrets").await.body, "sealed");
    assert_eq!(inside(&notes, "GET /metrics").await.status, 200);
    assert_eq!(inside(&notes, "GET /openapi.json").await.json()["info"]["title"], "Notes");
    assert_eq!(inside(&notes, "POST /internal/clock").await.json(), json!({ "shift_micros": 0 }));
    inside(&notes, "GET /api/v1/notes").await.is(404, "not_found");
    for path in ["/internal/secrets", "/metrics", "/openapi.json", "/internal/clock"] {
        notes.ask(&format!("GET {path}"), &[], "").await.is(404, "not_found");
    }
}

#[tokio::test]
async fn time_does_not_travel_where_it_may_not() {
    let notes = Notes::with(|options| crate::Options { travels: false, ..options }).await;
    inside(&notes, "POST /internal/clock").await.is(404, "not_found");
}
