use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use crate::{Stream, fits, path};

/// One end of ours, and the other as the standard library has it.
fn ends() -> (Stream, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    (tokio::net::UnixStream::from_std(ours).unwrap().try_into().unwrap(), theirs)
}

fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("uds-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// How often this thread went to sleep.
fn sleeps() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
    line.split_whitespace().last().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_is_said_arrives_however_long_it_is() {
    for size in [1, 4_095, 4_096, 4_097, 20_000, 3_000_000] {
        let (mut ours, mut theirs) = ends();
        let text: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        let echo = std::thread::spawn(move || {
            let mut heard = vec![0; size];
            theirs.read_exact(&mut heard).unwrap();
            theirs.write_all(&heard).unwrap();
        });
        // More than the socket holds: there is no room until the other end reads.
        ours.write_all(&text).await.unwrap();
        let mut back = Vec::new();
        ours.read_to_end(&mut back).await.unwrap();
        echo.join().unwrap();
        assert!(back == text, "{size}");
    }
}

#[tokio::test]
async fn pieces_that_come_one_by_one_are_each_heard() {
    let (mut ours, mut theirs) = ends();
    for n in 0..100_usize {
        let piece = vec![7; 4_000 + n * 2];
        theirs.write_all(&piece).unwrap();
        let mut heard = vec![0; piece.len()];
        tokio::time::timeout(Duration::from_secs(5), ours.read_exact(&mut heard)).await.expect("it is heard").unwrap();
        assert_eq!(heard, piece);
    }
}

#[tokio::test]
async fn an_end_is_heard_and_nothing_can_be_said_after_it() {
    let (mut ours, theirs) = ends();
    drop(theirs);
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(ours.write(b"x").await.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    let (mut ours, mut theirs) = ends();
    ours.shutdown().await.unwrap();
    assert_eq!(theirs.read(&mut [0; 8]).unwrap(), 0, "it said that it will say no more");
}

#[test]
fn who_waits_for_an_answer_is_not_woken_because_the_question_was_read() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let slept = runtime.block_on(async {
        let (mut ours, mut theirs) = ends();
        let other = std::thread::spawn(move || {
            for _ in 0..50 {
                pause();
                theirs.read_exact(&mut [0]).unwrap();
                pause();
                theirs.write_all(b"!").unwrap();
            }
        });
        let before = sleeps();
        for _ in 0..50 {
            ours.write_all(b"?").await.unwrap();
            ours.read_exact(&mut [0]).await.unwrap();
        }
        let slept = sleeps() - before;
        other.join().unwrap();
        slept
    });
    assert!(slept < 75, "it slept {slept} times for fifty answers: twice for most of them");
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let dir = folder("nobody");
    let began = Instant::now();
    assert!(Stream::connect(path(&dir, 1)).await.is_err());
    drop(UnixListener::bind(path(&dir, 2)).unwrap());
    assert!(Stream::connect(path(&dir, 2)).await.is_err(), "a socket that nobody listens at any more");
    assert!(began.elapsed() < Duration::from_millis(200));
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_folder_fits_as_long_as_a_socket_can_be_bound_in_it() {
    let dir = folder("long");
    for length in 90..110 {
        let name = "d".repeat(length - dir.as_os_str().len() - 1);
        let dir = dir.join(name);
        std::fs::create_dir_all(&dir).unwrap();
        let bound = UnixListener::bind(path(&dir, u16::MAX)).is_ok();
        assert_eq!(fits(&dir), bound, "{length}");
    }
    std::fs::remove_dir_all(dir).unwrap();
    assert_eq!(path(Path::new("/run/fleet"), 5003), PathBuf::from("/run/fleet/5003.sock"));
}

/// Long enough for the other thread to have fallen asleep.
fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}
