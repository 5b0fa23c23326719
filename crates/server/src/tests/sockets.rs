use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

use super::client::{Reply, read};
use super::notes::Notes;

/// A service whose socket is in a folder named after the test, and that answers one request at a time.
async fn with_socket(name: &str, port: u16) -> (Notes, PathBuf) {
    let dir = std::env::temp_dir().join(format!("server-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (public, sockets) = (([127, 0, 0, 1], port).into(), Some(dir.clone()));
    let notes = Notes::with(|options| crate::Options { public, sockets, in_flight: 1, ..options }).await;
    let path = uds::path(&dir, notes.running.public.port());
    (notes, path)
}

async fn ask(path: &PathBuf, line: &str) -> Reply {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(format!("{line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    read(stream).await
}

/// A request that is under way until it is let go.
async fn waiting(notes: &Notes, path: &PathBuf) -> UnixStream {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(b"GET /api/v1/wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    notes.until("it waits", |levers| levers.waiting.load(Ordering::SeqCst) == 1).await;
    stream
}

#[tokio::test]
async fn who_is_on_this_machine_may_come_by_the_socket() {
    let (notes, path) = with_socket("either", 0).await;
    assert_eq!(ask(&path, "GET /api/v1/notes").await.status, 200);
    assert_eq!(notes.ask("GET /api/v1/notes", &[], "").await.status, 200, "the port is there as well");
    ask(&path, "GET /api/v1/nothing").await.is(404, "not_found");
    ask(&path, "GET /internal/secrets").await.is(404, "not_found");
    ask(&path, "GET /api/v1/panic").await.is(500, "internal");
    assert_eq!(notes.levers.applications.load(Ordering::SeqCst), 1, "one application, and what it opens, for both");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "nobody else may");
    notes.running.stop().await;
}

#[tokio::test]
async fn a_socket_that_was_left_behind_is_taken_over() {
    let (first, path) = with_socket("left", 0).await;
    let port = first.running.public.port();
    first.running.stop().await;
    assert!(path.exists(), "it stays where its process is gone");
    let (second, path) = with_socket("left", port).await;
    assert_eq!(ask(&path, "GET /api/v1/notes").await.status, 200);
    second.running.stop().await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said() {
    let sockets = Some(PathBuf::from("/nowhere/at/all"));
    let refused = Notes::begun(|options| crate::Options { sockets, ..options }).err().unwrap().to_string();
    assert!(refused.contains("cannot listen on /nowhere/at/all/"), "{refused}");
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_its_place() {
    let (notes, path) = with_socket("place", 0).await;
    drop(waiting(&notes, &path).await);
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    let free = async {
        while ask(&path, "GET /api/v1/notes").await.status != 200 {
            tick.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), free).await.expect("its place is free");
}

#[tokio::test]
async fn stopping_finishes_what_was_begun() {
    let (notes, path) = with_socket("stopping", 0).await;
    let stream = waiting(&notes, &path).await;
    let Notes { running, levers, .. } = notes;
    let let_go = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while UnixStream::connect(&path).await.is_ok() {
            tick.tick().await;
        }
        levers.open.notify_waiters();
        read(stream).await
    };
    let (reply, ()) = tokio::join!(let_go, running.stop());
    assert_eq!(reply.status, 204);
}
