#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::breaker::{Breaker, Permit};
use crate::budget::Budget;
use crate::public::is_public;
use crate::{Error, Peer, Question, Site};

/// A server that answers every request with `answer`, each on a connection of its own, and keeps what it was asked.
struct Server {
    url: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(answer: &'static str) -> Self {
        Self::with(move |mut stream, _| {
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    fn with(answer: impl Fn(TcpStream, usize) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let request = read_request(&stream);
                let nth = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(request);
                    kept.len()
                };
                answer(stream, nth);
            }
        });
        Self { url, asked }
    }

    fn peer(&self) -> Peer {
        Peer::new("peer", self.url.clone())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        if line == "\r\n" || line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"well\": 1}";
const FAILED: &str = "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_call_sends_token_body_and_deadline_and_reads_the_answer() {
    let server = Server::answering(OK);
    let call = server.peer().put("/api/v1/auth/username").bearer("t0ken").json(&json!({"username": "ada"}));
    assert_eq!(call.send_json::<Value>().await.unwrap(), json!({"well": 1}));
    let asked = &server.asked()[0];
    assert!(asked.starts_with("PUT /api/v1/auth/username HTTP/1.1\r\n"), "{asked}");
    for part in ["authorization: Bearer t0ken", "x-request-deadline-ms: ", "{\"username\":\"ada\"}"] {
        assert!(asked.contains(part), "{part} is missing in {asked}");
    }
}

#[tokio::test]
async fn the_request_id_and_trace_of_the_current_request_go_along() {
    let server = Server::answering(OK);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let context = telemetry::Context::of_headers(Some("req-0123456789"), Some(trace));
    context.scope(server.peer().get("/x").send()).await.unwrap();
    let asked = &server.asked()[0];
    assert!(asked.contains("x-request-id: req-0123456789"), "{asked}");
    assert!(asked.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-"), "{asked}");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_never_asked_again() {
    let server = Server::answering(
        "HTTP/1.1 409 Conflict\r\ncontent-length: 25\r\nconnection: close\r\n\r\n{\"code\":\"username_taken\"}",
    );
    let error = server.peer().put("/x").send().await.unwrap_err();
    assert_eq!(error.code().as_deref(), Some("username_taken"));
    assert!(matches!(error, Error::Status(409, _)), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server =
        Server::answering("HTTP/1.1 302 Found\r\nlocation: /y\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert!(matches!(server.peer().get("/x").send().await, Err(Error::Status(302, _))));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_read_that_broke_is_sent_once_more_and_a_post_is_not() {
    let answer = |stream: TcpStream, nth: usize| {
        if nth > 1 {
            let mut stream = stream;
            stream.write_all(OK.as_bytes()).unwrap();
        }
    };
    let server = Server::with(answer);
    server.peer().get("/x").send().await.unwrap();
    assert_eq!(server.asked().len(), 2);

    let server = Server::with(answer);
    assert!(matches!(server.peer().post("/x").send().await, Err(Error::Unreachable(_))));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_peer_that_never_answers_costs_the_deadline() {
    let held = Arc::new(Mutex::new(Vec::new()));
    let server = Server::with({
        let held = held.clone();
        move |stream, _| held.lock().unwrap().push(stream)
    });
    let began = std::time::Instant::now();
    let error = server.peer().get("/x").within(Duration::from_millis(200)).send().await.unwrap_err();
    assert!(matches!(error, Error::Timeout), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_caller_in_a_hurry_is_told_on_and_not_held_against_the_peer() {
    let held = Arc::new(Mutex::new(Vec::new()));
    let server = Server::with({
        let held = held.clone();
        move |stream, _| held.lock().unwrap().push(stream)
    });
    let peer = server.peer();
    let mut context = telemetry::Context::begin();
    for _ in 0..20 {
        context.deadline = Some(std::time::Instant::now() + Duration::from_millis(20));
        let called = context.clone().scope(peer.post("/x").send()).await;
        assert!(matches!(called, Err(Error::Timeout)), "{called:?}");
    }
    let asked = server.asked();
    let told = asked[0].lines().find_map(|line| line.strip_prefix("x-request-deadline-ms: "));
    assert!(told.unwrap().parse::<u64>().unwrap() <= 20, "{}", asked[0]);
    let patient = peer.post("/x").within(Duration::from_millis(20)).send().await;
    assert!(matches!(patient, Err(Error::Timeout)), "the peer is not left alone: {patient:?}");
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let server = Server::with(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        while stream.write_all(&[b'x'; 65_536]).is_ok() {}
    });
    assert!(matches!(server.peer().get("/x").send().await, Err(Error::Malformed(_))));
}

#[tokio::test]
async fn a_failing_peer_is_left_alone() {
    let server = Server::answering(FAILED);
    let peer = server.peer();
    for _ in 0..20 {
        assert!(matches!(peer.post("/x").send().await, Err(Error::Status(500, _))));
    }
    assert!(matches!(peer.post("/x").send().await, Err(Error::Open)));
    assert_eq!(server.asked().len(), 20);
}

fn asking(url: &str) -> Question<'_> {
    Question { method: "GET", url, headers: Vec::new(), body: Vec::new() }
}

#[tokio::test]
async fn a_site_is_asked_as_it_is_told_and_learns_nothing_of_the_current_request() {
    let server = Server::answering(FAILED);
    let site = Site::new("site", &server.url);
    let address = format!("{}token?x=1", server.url);
    let question = Question {
        method: "POST",
        url: &address,
        headers: vec![("authorization", b"Basic eA=="), ("content-type", b"text/plain")],
        body: b"grant".to_vec(),
    };
    let context = telemetry::Context::of_headers(Some("req-0123456789"), None);
    let reply = context.scope(site.ask(question)).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (500, 0), "whatever the status, it is an answer");
    let asked = &server.asked()[0];
    assert!(asked.starts_with("POST /token?x=1 HTTP/1.1\r\n") && asked.ends_with("grant"), "{asked}");
    assert!(asked.contains("authorization: Basic eA==") && !asked.contains("req-0123456789"), "{asked}");
}

#[tokio::test]
async fn an_endless_answer_of_a_site_is_cut() {
    let server = Server::with(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        while stream.write_all(&[b'x'; 65_536]).is_ok() {}
    });
    let asked = Site::new("site", &server.url).ask(asking(server.url.as_str())).await;
    assert!(matches!(asked, Err(Error::Malformed(_))), "{asked:?}");
}

#[tokio::test]
async fn what_a_public_site_names_leads_into_no_private_network() {
    let home = Url::parse("https://accounts.example.org").unwrap();
    let site = Site::new("site", &home);
    for address in [
        "http://accounts.example.org/token",
        "http://127.0.0.1/token",
        "https://127.0.0.1/token",
        "https://[::1]/token",
        "https://[::ffff:10.0.0.1]/token",
        "https://169.254.169.254/latest",
        "https://10.1.2.3/token",
        "https://2130706433/token",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ] {
        let asked = site.ask(asking(address)).await;
        assert!(matches!(asked, Err(Error::Malformed(_))), "{address}: {asked:?}");
    }
    let asked = site.ask(asking("https://localhost:1/token")).await;
    assert!(matches!(asked, Err(Error::Unreachable(why)) if why.contains("no public address")));
    assert!(site.may_name(&Url::parse("https://oauth2.example.net/token").unwrap()));
}

#[test]
fn the_host_that_configuration_names_may_be_anywhere() {
    let site = Site::new("site", &Url::parse("https://10.1.2.3/realm").unwrap());
    assert!(site.may_name(&Url::parse("https://10.1.2.3/token").unwrap()));
    assert!(!site.may_name(&Url::parse("https://10.1.2.4/token").unwrap()));
    assert!(!site.may_name(&Url::parse("http://10.1.2.3/token").unwrap()));
    let local = Site::new("site", &Url::parse("http://127.0.0.1:9000").unwrap());
    assert!(local.may_name(&Url::parse("http://127.0.0.1:9001/token").unwrap()));
    assert!(!local.may_name(&Url::parse("http://10.1.2.3/token").unwrap()));
}

#[test]
fn only_addresses_of_everybody_are_public() {
    for private in [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
    ] {
        assert!(!is_public(private.parse().unwrap()), "{private}");
    }
    for public in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.1.0.1", "2606:4700::1111", "64:ff9b::808:808"] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn failed(breaker: &mut Breaker, now: Duration, times: u32) {
    for _ in 0..times {
        let permit = breaker.admit(now).unwrap();
        breaker.done(now, permit, false);
    }
}

#[test]
fn an_open_breaker_lets_three_probes_through_after_five_seconds_and_closes_when_they_pass() {
    let mut breaker = Breaker::default();
    failed(&mut breaker, secs(1), 20);
    assert_eq!(breaker.admit(secs(5)), None);
    for _ in 0..3 {
        assert_eq!(breaker.admit(secs(6)), Some(Permit::Probe));
    }
    assert_eq!(breaker.admit(secs(6)), None, "three at most");
    (0..3).for_each(|_| breaker.done(secs(6), Permit::Probe, true));
    assert_eq!(breaker.admit(secs(6)), Some(Permit::Call));
}

#[test]
fn a_failed_probe_opens_it_again_and_a_dropped_one_is_given_to_the_next() {
    let mut breaker = Breaker::default();
    failed(&mut breaker, secs(1), 20);
    (0..3).for_each(|_| assert!(breaker.admit(secs(6)).is_some()));
    breaker.dropped(Permit::Probe);
    assert_eq!(breaker.admit(secs(7)), Some(Permit::Probe));
    breaker.done(secs(7), Permit::Probe, false);
    assert_eq!(breaker.admit(secs(11)), None);
    assert!(breaker.admit(secs(12)).is_some());
}

#[test]
fn failures_older_than_the_window_do_not_count() {
    let mut breaker = Breaker::default();
    failed(&mut breaker, secs(1), 19);
    failed(&mut breaker, secs(11), 1);
    assert_eq!(breaker.level(), 0);
}

proptest! {
    #[test]
    fn a_breaker_opens_only_after_twenty_calls_of_which_half_failed(calls in prop::collection::vec(any::<bool>(), 0..60)) {
        let mut breaker = Breaker::default();
        let (mut made, mut bad) = (0, 0);
        for well in calls {
            let Some(permit) = breaker.admit(secs(3)) else { break };
            breaker.done(secs(3), permit, well);
            made += 1;
            bad += u32::from(!well);
            prop_assert_eq!(breaker.level() == 2, made >= 20 && bad * 2 >= made);
        }
    }

    #[test]
    fn a_breaker_never_stays_open_for_longer_than_five_seconds_without_a_call(
        steps in prop::collection::vec((0_u64..3, 0_u8..3), 0..200)
    ) {
        let mut breaker = Breaker::default();
        let (mut now, mut out) = (secs(0), Vec::new());
        for (wait, act) in steps {
            now += secs(wait);
            match act {
                0 => out.extend(breaker.admit(now)),
                1 => if let Some(permit) = out.pop() { breaker.done(now, permit, now.as_secs().is_multiple_of(3)); },
                _ => if let Some(permit) = out.pop() { breaker.dropped(permit); },
            }
        }
        out.into_iter().for_each(|permit| breaker.dropped(permit));
        prop_assert!(breaker.admit(now + secs(5)).is_some());
    }

    #[test]
    fn retries_stay_under_a_tenth_of_the_calls_and_ten(wishes in prop::collection::vec(any::<bool>(), 0..2000)) {
        let mut budget = Budget::default();
        let (mut calls, mut retries) = (0, 0);
        for wish in wishes {
            budget.deposit();
            calls += 1;
            retries += u32::from(wish && budget.withdraw());
        }
        prop_assert!(retries <= 10 + calls / 10);
    }
}
