//! From the commit that caused an event to the commit of its consumer.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::fleet::Fleet;
use crate::people::Person;
use crate::report::Report;

const IDLE_EVENTS: usize = 200;
const QUEUED_EVENTS: i64 = 10_000;

/// Latency when idle, and how fast a backlog is drained once the broker is back.
pub async fn measure(fleet: &Fleet, people: &[Person], report: &mut Report) {
    idle(fleet, people, report).await;
    drain(fleet, &people[0], report).await;
}

/// A profile is changed, one after the other; auth takes each change in. Both rows bear the fleet's time of their
/// transaction's begin, so the figure is a little too long by the producer's transaction.
async fn idle(fleet: &Fleet, people: &[Person], report: &mut Report) {
    let (auth, users) = (fleet.sql("auth_db").await, fleet.sql("user_db").await);
    let mut took = Vec::new();
    for n in 0..IDLE_EVENTS {
        let person = &people[n % people.len()];
        let body = json!({ "bio": format!("Mesure {n}") });
        let begun = Instant::now();
        let answer = fleet
            .http
            .patch(fleet.url("/api/v1/users/me"))
            .bearer_auth(&person.access)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let newest = "SELECT id::text, created_at::text FROM outbox ORDER BY position DESC LIMIT 1";
        let row = users.query_one(newest, &[]).await.unwrap();
        let (id, event): (String, String) = (row.get(0), row.get(1));
        let seen = loop {
            let seen = auth
                .query_opt("SELECT received_at::text FROM inbox WHERE event_id = $1::text::uuid", &[&id])
                .await
                .unwrap();
            if let Some(row) = seen {
                break row.get::<_, String>(0);
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "an event does not arrive");
        };
        let at = |text: String| text.replace(' ', "T").replace("+00", "Z").parse::<jiff::Timestamp>().unwrap();
        took.push(at(seen).duration_since(at(event)).as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    report.at_most("event, commit to consumer's commit, idle, p50", took[took.len() / 2], "ms", 50.0);
    report.at_most("event, commit to consumer's commit, idle, p99", took[took.len() * 99 / 100], "ms", 250.0);
}

/// Events pile up while the broker stands still, then it goes on.
async fn drain(fleet: &Fleet, person: &Person, report: &mut Report) {
    let posts = fleet.sql("post_db").await;
    let post = fleet.http.post(fleet.url("/api/v1/posts")).bearer_auth(&person.access);
    assert_eq!(post.json(&json!({ "body": "Mesure" })).send().await.unwrap().status(), 201);
    let broker = nix::unistd::Pid::from_raw(fleet.pid("rabbitmq") as i32);
    nix::sys::signal::kill(broker, nix::sys::signal::Signal::SIGSTOP).unwrap();
    // The same rows that writing a post leaves, thousands of them at once: copies of a real one.
    let copy = "INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at) \
                SELECT made.id, 'bench:' || n, 1, exchange, type, jsonb_set(envelope, '{id}', to_jsonb(made.id::text)), created_at \
                FROM (SELECT * FROM outbox WHERE type = 'posts.post.created.v1' LIMIT 1) AS one, \
                generate_series(1, $1::bigint) AS n, LATERAL (SELECT gen_random_uuid() AS id WHERE n > 0) AS made";
    let made = posts.execute(copy, &[&QUEUED_EVENTS]).await.unwrap();
    assert_eq!(made, QUEUED_EVENTS as u64, "no event to copy");
    nix::sys::signal::kill(broker, nix::sys::signal::Signal::SIGCONT).unwrap();
    let begun = Instant::now();
    loop {
        let left: i64 =
            posts.query_one("SELECT count(*) FROM outbox WHERE published_at IS NULL", &[]).await.unwrap().get(0);
        if left == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{left} events are still waiting");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    report.at_least(
        "events drained a second after the broker was away",
        QUEUED_EVENTS as f64 / seconds,
        "/s",
        10_000.0 / 30.0,
    );
}
