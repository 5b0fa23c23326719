//! Starting, changing while running, and stopping.

use std::time::Duration;

use settings::Reader;

use crate::support::{Gate, until};

#[tokio::test]
async fn all_that_is_missing_is_said_at_once() {
    let report = gateway::start(Reader::from_pairs([("CLOCK_FILE", "/tmp/clock")])).await.err().unwrap().to_string();
    for name in ["PUBLIC_URL", "AMQP_URL", "AUTH_ISSUER", "AUTH_INTERNAL_URL", "UPSTREAM_AUTH", "UPSTREAM_POSTS"] {
        assert!(report.contains(&format!("{name} is missing")), "{name}: {report}");
    }
    assert!(report.contains("CLOCK_FILE is for ENVIRONMENT=local alone"), "{report}");
}

#[tokio::test]
async fn a_changed_table_is_taken_over_and_a_wrong_one_is_not() {
    let gate = Gate::start().await;
    let original = std::fs::read_to_string(&gate.table).unwrap();
    gate.get("/api/v1/new", &[]).await.is(404, "not_found");
    std::fs::write(&gate.table, "routes = [ { on = ").unwrap();
    let line = "{ on = \"GET /api/v1/new\", to = \"posts\", who = \"open\", limit = \"none\" },\n]";
    let larger = original.trim_end().strip_suffix(']').unwrap().to_owned() + line;
    assert_eq!(gate.get("/api/v1/echo", &[]).await.status, 200);
    std::fs::write(&gate.table, larger).unwrap();
    until("the new route is there", async || gate.get("/new", &[]).await.status == 200).await;
    std::fs::write(&gate.table, "nonsense").unwrap();
    tokio::time::timeout(Duration::from_millis(1_500), async {
        loop {
            assert_eq!(gate.get("/new", &[]).await.status, 200, "the old one stays");
        }
    })
    .await
    .unwrap_err();
    gate.stop().await;
}

#[tokio::test]
async fn what_is_in_flight_is_answered_before_it_ends() {
    let gate = Gate::start().await;
    let address = gate.running.address();
    let (upstream, running) = (gate.upstream, gate.running);
    let bytes = b"GET /api/v1/waiting HTTP/1.1\r\nHost: gate\r\n\r\n";
    let in_flight = tokio::spawn(async move { crate::support::exchange(address, bytes).await });
    until("it is in flight", async || upstream.seen().len() == 1).await;
    let stopping = tokio::spawn(running.stop(Duration::from_millis(300)));
    let ready = b"GET /health/ready HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n";
    until("it says that it is not ready", async || {
        crate::support::exchange(address, ready).await.first().is_some_and(|reply| reply.status == 503)
    })
    .await;
    until("it takes no more connections", async || tokio::net::TcpStream::connect(address).await.is_err()).await;
    upstream.go();
    let replies = in_flight.await.unwrap();
    assert_eq!((replies[0].status, replies[0].closed), (200, true));
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_clock_that_travels_takes_tokens_and_quotas_with_it() {
    let file = std::env::temp_dir().join(format!("gateway-clock-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let gate = Gate::with(&[("CLOCK_FILE", file.to_str().unwrap()), ("LIMIT_ANON", "1/min")]).await;
    let bearer = gate.keys.bearer(&crate::support::Token::of(1));
    let private = async || gate.get("/api/v1/private", &[("Authorization", &bearer)]).await.status;
    let anonymous = async || gate.get("/api/v1/anonymous", &[]).await.status;
    let travel = async |micros: i64| {
        clock::Shift::from_micros(micros).write(&file).unwrap();
        let bytes = b"POST /internal/clock HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let replies = crate::support::exchange(gate.running.internal_address(), bytes).await;
        assert_eq!(replies[0].json()["shift_micros"], micros);
    };
    assert_eq!((private().await, anonymous().await, anonymous().await), (200, 200, 429));
    travel(36 * 3_600 * 1_000_000).await;
    assert_eq!((private().await, anonymous().await), (401, 200));
    travel(0).await;
    assert_eq!(private().await, 200);
    let over = gate.get("/api/v1/anonymous", &[]).await;
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!(over.status == 429 && wait <= 60, "no longer than the window");
    std::fs::remove_file(file).unwrap();
    gate.stop().await;
}

#[tokio::test]
async fn several_cores_serve_one_port() {
    let gate = Gate::with(&[("WORKERS", "3")]).await;
    for _ in 0..20 {
        assert_eq!(gate.get("/api/v1/echo", &[]).await.status, 200);
    }
    gate.stop().await;
}
