//! Services that are away, slow or odd.

use std::time::{Duration, Instant};

use crate::support::{Gate, LANES, until};

#[tokio::test]
async fn a_service_that_is_away_is_said_to_be_at_once_and_the_others_go_on() {
    let gate = Gate::with(&[("UPSTREAM_ODD", "http://127.0.0.1:1")]).await;
    for lane in LANES {
        let started = Instant::now();
        let reply = gate.get("/api/v1/odd", lane).await;
        reply.is(503, "unavailable");
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert!(started.elapsed() < Duration::from_millis(300), "{:?}", started.elapsed());
    }
    let reply = gate.get("/api/v1/odd", &[]).await;
    assert!(!reply.text().contains("refused") && !reply.text().contains("127.0.0.1"), "{}", reply.text());
    assert_eq!(gate.get("/api/v1/echo", &[]).await.status, 200);
    gate.stop().await;
}

#[tokio::test]
async fn a_service_that_does_not_answer_in_time_is_given_up() {
    let gate = Gate::start().await;
    for lane in LANES {
        let started = Instant::now();
        gate.get("/api/v1/slow", lane).await.is(504, "timeout");
        let took = started.elapsed();
        assert!(took > Duration::from_millis(900) && took < Duration::from_millis(1_600), "{took:?}");
    }
    gate.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_given_up_and_no_service_hears_of_it() {
    let gate = Gate::start().await;
    let replies = gate.raw("POST /api/v1/echo HTTP/1.1\r\nHost: gate\r\nContent-Length: 10\r\n\r\nhalf").await;
    replies[0].is(408, "request_timeout");
    assert!(replies[0].closed);
    assert_eq!(gate.upstream.seen().len(), 0);
    gate.stop().await;
}

#[tokio::test]
async fn nonsense_is_a_bad_gateway_and_its_connection_is_not_used_again() {
    let gate = Gate::start().await;
    let says = [
        ("garbage\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\nContent-Length: x\r\n\r\n", true),
        ("", true),
        ("HTTP/1.1 999999 OK\r\n\r\n", true),
    ];
    for (bytes, closes) in says {
        gate.odd.says(bytes, closes);
        gate.get("/api/v1/odd", &[]).await.is(502, "bad_gateway");
    }
    gate.odd
        .says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", false);
    for _ in 0..4 {
        let reply = gate.get("/api/v1/odd", &[]).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "hi"), "what was said too much reaches nobody");
    }
    gate.stop().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_passed_as_whole() {
    let gate = Gate::start().await;
    gate.odd.says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true);
    for lane in ["", "Connection: close\r\n"] {
        let replies = gate.raw(format!("GET /api/v1/odd HTTP/1.1\r\nHost: gate\r\n{lane}\r\n")).await;
        let whole =
            |reply: &crate::support::Reply| reply.body.len() == 10 || reply.header("content-length") != Some("10");
        assert!(!replies.iter().any(whole), "{replies:?}");
    }
    gate.odd.says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf", true);
    let replies = gate.raw("GET /api/v1/odd HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    assert!(replies.iter().all(|reply| reply.text() != "half" || reply.closed), "{replies:?}");
    gate.stop().await;
}

#[tokio::test]
async fn a_storm_of_interim_answers_ends_with_the_deadline() {
    let gate = Gate::start().await;
    gate.odd.says("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(2_000), false);
    let reply = gate.get("/api/v1/odd", &[]).await;
    assert!([502, 504].contains(&reply.status), "{reply:?}");
    gate.stop().await;
}

#[tokio::test]
async fn a_failure_that_does_not_explain_itself_is_replaced_by_one_that_does() {
    let gate = Gate::start().await;
    for lane in LANES {
        let reply = gate.get("/api/v1/echo?status=500", lane).await;
        reply.is(502, "bad_gateway");
        assert!(!reply.text().contains("srv"), "{}", reply.text());
        gate.get("/api/v1/echo?status=503", lane).await.is(503, "unavailable");
        assert_eq!(gate.get("/api/v1/echo?status=404", lane).await.status, 404);
    }
    gate.stop().await;
}

#[tokio::test]
async fn of_two_instances_the_one_that_is_there_answers_everything() {
    let gate = Gate::with(&[("UPSTREAM_POSTS", "http://127.0.0.1:1,{upstream}")]).await;
    for lane in LANES.into_iter().cycle().take(20) {
        assert_eq!(gate.get("/api/v1/echo", lane).await.status, 200);
        assert_eq!(gate.send("POST", "/api/v1/echo", lane, "once").await.status, 200, "nothing of it was sent");
    }
    assert_eq!(gate.upstream.seen().iter().filter(|seen| seen.body == "once").count(), 20);
    gate.stop().await;
}

#[tokio::test]
async fn an_instance_that_says_it_is_not_ready_is_not_called_where_there_is_another() {
    let other = crate::support::Upstream::start(&crate::support::Keys::new()).await;
    let both = format!("{{upstream}},{}", other.url());
    let gate = Gate::with(&[("UPSTREAM_POSTS", &both)]).await;
    other.says_ready(503);
    until("it is known", async || {
        let before = other.seen().len();
        for _ in 0..6 {
            gate.get("/api/v1/echo", &[]).await;
        }
        other.seen().len() == before
    })
    .await;
    gate.stop().await;
}

#[tokio::test]
async fn a_connection_that_the_service_closed_meanwhile_fails_no_request() {
    let gate = Gate::start().await;
    gate.odd.says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", true);
    for (method, lane) in ["GET", "POST"].into_iter().flat_map(|method| LANES.map(|lane| (method, lane))) {
        for _ in 0..20 {
            let reply = gate.send(method, "/api/v1/odd", lane, "").await;
            assert_eq!((reply.status, reply.text().as_str()), (200, "hi"), "{method}");
        }
    }
    gate.stop().await;
}

#[tokio::test]
async fn a_service_is_given_no_more_than_its_cap_but_for_the_reserved_lane() {
    let gate = Gate::with(&[("IN_FLIGHT", "2")]).await;
    let waiting = async { gate.get("/api/v1/waiting", &[]).await.status };
    let others = async {
        until("two are waiting", async || gate.upstream.seen().len() == 2).await;
        let started = Instant::now();
        let refused = gate.get("/api/v1/echo", &[]).await;
        refused.is(503, "unavailable");
        assert!(started.elapsed() < Duration::from_millis(50), "{:?}", started.elapsed());
        assert_eq!(gate.get("/api/v1/reserved", &[]).await.status, 200);
        gate.upstream.go();
    };
    let (one, two, ()) = tokio::join!(waiting, gate.get("/api/v1/waiting", &[]), others);
    assert_eq!((one, two.status), (200, 200));
    assert_eq!(gate.get("/api/v1/echo", &[]).await.status, 200);
    gate.stop().await;
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone() {
    let gate = Gate::start().await;
    gate.odd.says("garbage\r\n\r\n", true);
    for _ in 0..20 {
        gate.get("/api/v1/odd", &[]).await.is(502, "bad_gateway");
    }
    let reply = gate.get("/api/v1/odd", &[]).await;
    reply.is(503, "unavailable");
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert_eq!(gate.get("/api/v1/echo", &[]).await.status, 200);
    gate.stop().await;
}

#[tokio::test]
async fn a_service_that_says_whom_it_waits_for_in_vain_is_not_left_alone() {
    let explained = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}";
    for lane in LANES {
        let gate = Gate::start().await;
        gate.odd.says(explained, false);
        for _ in 0..60 {
            assert_eq!(gate.get("/api/v1/odd", lane).await.status, 502);
        }
        gate.odd.says(explained.replace("502 Bad Gateway", "500 Internal Server Error"), false);
        let mut statuses = Vec::new();
        for _ in 0..80 {
            statuses.push(gate.get("/api/v1/odd", lane).await.status);
        }
        assert_eq!((statuses[0], statuses[79]), (500, 503), "a failure of its own counts: {statuses:?}");
        gate.stop().await;
    }
}

#[tokio::test]
async fn large_answers_and_bodies_pass_whole() {
    let gate = Gate::start().await;
    for lane in LANES {
        let reply = gate.get("/api/v1/echo?large=3000000", lane).await;
        assert_eq!(reply.json()["text"].as_str().unwrap().len(), 3_000_000);
    }
    for (said, expected) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x=y\r\n yo\r\n0\r\nT: x\r\n\r\n", "hi yo"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
    ] {
        gate.odd.says(said, true);
        for lane in LANES {
            assert_eq!(gate.get("/api/v1/odd", lane).await.text(), expected, "{said:?}");
        }
    }
    let body = "x".repeat(1 << 20);
    let echoed = gate.send("POST", "/api/v1/upload", &[], &body).await;
    assert_eq!(echoed.json()["body"].as_str().unwrap().len(), 1 << 20);
    gate.stop().await;
}
