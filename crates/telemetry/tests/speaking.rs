//! What a process says, read as whoever collects its logs reads it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::thread;

use serde_json::Value;

/// Cargo puts examples beside the folder of tests.
fn speaker() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join("speak")
}

fn speak(variables: &[(&str, &str)]) -> Output {
    Command::new(speaker()).env_clear().envs(variables.iter().copied()).output().unwrap()
}

fn lines(variables: &[(&str, &str)]) -> Vec<Value> {
    let said = String::from_utf8(speak(variables).stdout).unwrap();
    said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

#[track_caller]
fn line<'l>(lines: &'l [Value], msg: &str) -> &'l Value {
    lines.iter().find(|line| line["msg"] == msg).unwrap_or_else(|| panic!("{msg:?} is not in {lines:#?}"))
}

#[test]
fn every_line_is_one_object_with_the_fields_of_all() {
    let lines = lines(&[]);
    assert!(lines.len() >= 9, "{lines:#?}");
    for line in &lines {
        assert_eq!((&line["service"], &line["version"]), (&"speaker".into(), &"0.0.1".into()));
        let at = line["timestamp"].as_str().unwrap();
        assert!(at.len() == 27 && at.ends_with('Z'), "{at}");
        assert!(at.parse::<jiff::Timestamp>().is_ok(), "{at}");
        assert!(["INFO", "WARNING", "ERROR", "CRITICAL"].contains(&line["level"].as_str().unwrap()), "{line}");
    }
}

#[test]
fn fields_keep_their_types_and_control_characters_are_escaped() {
    let lines = lines(&[]);
    let fact = line(&lines, "a \"quoted\"\nfact\u{7f}\u{85}");
    assert_eq!((&fact["post.id"], &fact["fine"], &fact["ratio"]), (&7.into(), &true.into(), &0.5.into()));
    assert!(fact.get("nan").is_none());
    let raw = String::from_utf8(speak(&[]).stdout).unwrap();
    assert!(raw.chars().all(|c| c == '\n' || !c.is_control()), "a control character went out");
}

#[test]
fn no_secret_and_no_address_is_ever_said() {
    let raw = String::from_utf8(speak(&[("LOG_LEVEL", "DEBUG")]).stdout).unwrap();
    for secret in ["hunter2", "t0ken", "abc.def", "eyJ", "@example"] {
        assert!(!raw.contains(secret), "{secret} is in:\n{raw}");
    }
    let lines = lines(&[]);
    assert_eq!(line(&lines, "careful")["password"], "[hidden]");
    assert_eq!(line(&lines, "failed")["who"], "[hidden] wrote");
}

#[test]
fn a_line_names_the_request_it_belongs_to() {
    let lines = lines(&[]);
    let inside = line(&lines, "inside");
    assert_eq!(inside["request_id"], "request-1");
    assert_eq!(inside["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(inside["user_id"], "ada", "the first to say so is believed");
    assert!(line(&lines, "careful").get("request_id").is_none());
}

#[test]
fn a_request_is_one_line() {
    let lines = lines(&[]);
    let answered: Vec<_> = lines.iter().filter(|line| line["msg"] == "request answered").collect();
    assert_eq!(answered.len(), 3);
    let failed = answered[2];
    let expected = ["GET", "/api/v1/posts/{id}", "pool: busy", "unavailable", "request-1", "ada", "WARNING"];
    let said = ["method", "route", "error", "code", "request_id", "user_id", "level"].map(|name| failed[name].clone());
    assert_eq!(said, expected.map(Value::from));
    assert_eq!((&failed["status"], &failed["latency_ms"]), (&503.into(), &1.234.into()));
    assert_eq!(answered[0]["level"], "INFO");
}

#[test]
fn a_panic_is_critical_and_said_with_its_place() {
    let lines = lines(&[]);
    let panic = lines.iter().find(|line| line.get("panic.at").is_some()).unwrap();
    assert_eq!(panic["level"], "CRITICAL");
    assert!(panic["panic.at"].as_str().unwrap().contains("speak.rs"));
    assert!(panic["msg"].as_str().unwrap().contains("panic of [hidden]"), "{panic}");
    assert_eq!(line(&lines, "come quickly")["level"], "CRITICAL");
}

#[test]
fn the_level_says_what_is_written() {
    let said = |level: &str| lines(&[("LOG_LEVEL", level)]);
    assert!(said("debug").iter().any(|line| line["msg"] == "a detail"));
    assert!(said("INFO").iter().all(|line| line["level"] != "DEBUG"));
    assert!(said("INFO").iter().all(|line| line["msg"] != "the chatter of a library"));
    let grave = said("CRITICAL");
    assert_eq!(grave.iter().filter(|line| line["level"] != "CRITICAL").count(), 0);
    assert_eq!(grave.len(), 2);
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let lines = lines(&[]);
    let counted = line(&lines, "counted")["metrics"].as_str().unwrap().to_owned();
    for series in [
        "http_requests_total{endpoint='/api/v1/posts/{id}',status='200'} 2",
        "http_requests_total{endpoint='/api/v1/posts/{id}',status='503'} 1",
        "http_request_duration_seconds_bucket{endpoint='/api/v1/posts/{id}',le='0.001'} 0",
        "http_request_duration_seconds_bucket{endpoint='/api/v1/posts/{id}',le='0.0025'} 3",
        "http_request_duration_seconds_count{endpoint='/api/v1/posts/{id}'} 3",
        "http_requests_in_progress 0",
        "app_uptime_seconds 0.",
    ] {
        assert!(counted.contains(series), "{series} is not in:\n{counted}");
    }
}

#[test]
fn spans_go_to_the_collector_where_there_is_one() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let received = thread::spawn(move || {
        let (mut stream, _) = collector.accept().unwrap();
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        let trace_id = [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd];
        while !bytes.windows(8).any(|window| window == trace_id) {
            let read = stream.read(&mut piece).unwrap();
            assert!(read > 0, "the collector was left without a span");
            bytes.extend_from_slice(&piece[..read]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let spoken = speak(&[("OTLP_ENDPOINT", &endpoint)]);
    assert!(spoken.status.success());
    let received = received.join().unwrap();
    assert!(received.starts_with("POST /v1/traces "), "{received}");
    for word in ["speaker", "GET /api/v1/posts/{id}", "http.response.status_code"] {
        assert!(received.contains(word), "{word} is not in {received}");
    }
}

#[test]
fn a_collector_that_is_away_keeps_nobody() {
    let spoken = speak(&[("OTLP_ENDPOINT", "http://127.0.0.1:1")]);
    assert!(spoken.status.success());
    assert!(!spoken.stdout.is_empty());
}
