use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::read;
use super::notes::Notes;

#[tokio::test]
async fn a_panic_is_a_500_and_harms_nobody_else() {
    let notes = Notes::start().await;
    for _ in 0..3 {
        let reply = notes.ask("GET /api/v1/panic", &["accept-language: en"], "").await;
        reply.is(500, "internal");
        assert!(!reply.body.contains("fault"), "the cause is ours to know: {}", reply.body);
    }
    assert_eq!(notes.ask("GET /api/v1/notes", &[], "").await.status, 200);
}

#[tokio::test]
async fn work_past_its_deadline_is_dropped() {
    let notes = Notes::start().await;
    let began = Instant::now();
    notes.ask("GET /api/v1/wait", &["x-request-deadline-ms: 40"], "").await.is(504, "timeout");
    assert!(began.elapsed() < Duration::from_secs(5));
    for fine in ["x-request-deadline-ms: 60000", "x-request-deadline-ms: soon"] {
        assert_eq!(notes.ask("GET /api/v1/refresh", &[fine], "").await.status, 200);
    }
}

#[tokio::test]
async fn a_full_service_refuses_at_once_but_for_its_own_lane() {
    let notes = Notes::with(|options| crate::Options { in_flight: 2, ..options }).await;
    let full = async {
        notes.until("both wait", |levers| levers.waiting.load(Ordering::SeqCst) == 2).await;
        let began = Instant::now();
        let reply = notes.ask("GET /api/v1/notes", &[], "").await;
        assert_eq!(reply.is(503, "unavailable").header("retry-after"), Some("1"));
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        assert_eq!(notes.ask("GET /api/v1/refresh", &[], "").await.status, 200);
        assert_eq!(notes.ask("GET /health", &[], "").await.status, 200);
        notes.levers.open.notify_waiters();
    };
    let waiting = join_all((0..2).map(|_| notes.ask("GET /api/v1/wait", &[], "")));
    let (replies, ()) = tokio::join!(waiting, full);
    assert!(replies.iter().all(|reply| reply.status == 204));
    assert_eq!(notes.ask("GET /api/v1/notes", &[], "").await.status, 200, "there is room again");
}

#[tokio::test]
async fn a_short_burst_waits_for_its_turn() {
    let notes = Notes::with(|options| crate::Options { in_flight: 1, ..options }).await;
    let replies = join_all((0..8).map(|_| notes.ask("GET /api/v1/notes", &[], ""))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_its_place() {
    let notes = Notes::with(|options| crate::Options { in_flight: 1, ..options }).await;
    let mut stream = TcpStream::connect(notes.running.public).await.unwrap();
    stream.write_all(b"GET /api/v1/wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    notes.until("it waits", |levers| levers.waiting.load(Ordering::SeqCst) == 1).await;
    drop(stream);
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    let free = async {
        while notes.ask("GET /api/v1/notes", &[], "").await.status != 200 {
            tick.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), free).await.expect("its place is free");
}

#[tokio::test]
async fn work_that_panics_is_begun_again() {
    let notes = Notes::start().await;
    notes.until("a second run", |levers| levers.runs.load(Ordering::SeqCst) == 2).await;
}

#[tokio::test]
async fn stopping_finishes_what_was_begun() {
    let notes = Notes::start().await;
    let mut stream = TcpStream::connect(notes.running.public).await.unwrap();
    stream.write_all(b"GET /api/v1/wait HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    notes.until("it waits", |levers| levers.waiting.load(Ordering::SeqCst) == 1).await;
    let Notes { running, levers, .. } = notes;
    let public = running.public;
    let let_go = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while TcpStream::connect(public).await.is_ok() {
            tick.tick().await;
        }
        assert!(!levers.flushed.load(Ordering::SeqCst), "the flush comes after the last request");
        levers.open.notify_waiters();
        read(stream).await
    };
    let (reply, ()) = tokio::join!(let_go, running.stop());
    assert_eq!(reply.status, 204);
    assert!(levers.flushed.load(Ordering::SeqCst));
}
