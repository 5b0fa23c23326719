//! What is in a head: sizes, paths, hosts, and what a client may not say.

use crate::support::Gate;

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let gate = Gate::start().await;
    let large = "a".repeat(33 * 1024);
    gate.get("/api/v1/echo", &[("X-Large", &large)]).await.is(431, "headers_too_large");
    let many: Vec<_> = (0..65).map(|_| ("X-A", "1")).collect();
    gate.get("/api/v1/echo", &many).await.is(431, "headers_too_large");
    let more: Vec<_> = (0..120).map(|_| ("X-A", "1")).collect();
    gate.get("/api/v1/echo", &more).await.is(431, "headers_too_large");
    let huge = "a".repeat(200 * 1024);
    gate.get("/api/v1/echo", &[("X-Large", &huge)]).await.is(431, "headers_too_large");
    gate.get(&format!("/api/v1/echo/{}", "a".repeat(5 * 1024)), &[]).await.is(414, "uri_too_long");
    gate.get(&format!("/api/v1/echo?{}", "a".repeat(70 * 1024)), &[]).await;
    gate.stop().await;
}

#[tokio::test]
async fn a_path_has_one_form_for_routing_and_never_reaches_another_route() {
    let gate = Gate::start().await;
    let paths = [
        ("//evil.example/api/v1/echo", 400),
        ("/%2e%2e/api/v1/echo", 400),
        ("/api/v1/echo/..;/admin/thing", 400),
        ("/api/v1/echo/../admin/thing", 400),
        ("/api/v1/echo/%2e%2e/admin/thing", 400),
        ("/api/v1%2fadmin/thing", 400),
        ("/api/v1/echo/a%00", 400),
        ("/API/V1/ECHO", 404),
        ("/api/v1/admin%20/thing", 404),
        ("/api/v1/admin/thing%20", 404),
        ("/api/v1/echo/", 404),
        ("/metrics", 404),
        ("/internal/clock", 404),
        ("/api/v1/internal/jwks", 404),
        ("/openapi.json/", 404),
    ];
    for (path, status) in paths {
        for lane in crate::support::LANES {
            assert_eq!(gate.get(path, lane).await.status, status, "{path}");
        }
    }
    assert_eq!(gate.upstream.seen().len(), 0);
    let absolute = gate.get("http://gate/api/v1/echo?q=1", &[]).await;
    assert_eq!((absolute.status, gate.upstream.seen()[0].target.as_str()), (200, "/api/v1/echo?q=1"));
    assert_eq!(gate.get("http://evil.example/api/v1/echo", &[]).await.status, 400);
    gate.stop().await;
}

#[tokio::test]
async fn a_host_is_there_once_and_is_ours() {
    let gate = Gate::start().await;
    let statuses = async |fields: &str| {
        let replies = gate.raw(format!("GET /api/v1/echo HTTP/1.1\r\n{fields}Connection: close\r\n\r\n")).await;
        replies[0].status
    };
    assert_eq!(statuses("Host: gate\r\n").await, 200);
    assert_eq!(statuses("Host: gate:8080\r\n").await, 200);
    assert_eq!(statuses("Host: GATE\r\n").await, 200);
    assert_eq!(statuses("").await, 400);
    assert_eq!(statuses("Host: gate\r\nHost: gate\r\n").await, 400);
    assert_eq!(statuses("Host: evil.example\r\n").await, 421);
    assert_eq!(statuses("Host: gate\r\nX-Forwarded-Host: evil.example\r\n").await, 200);
    for seen in gate.upstream.seen() {
        assert_eq!(seen.header("host"), Some(gate.upstream.url().trim_start_matches("http://")));
        assert_eq!(seen.header("x-forwarded-host"), None);
    }
    gate.stop().await;
}

#[tokio::test]
async fn what_a_client_may_not_say_is_stripped_and_what_it_may_arrives() {
    let gate = Gate::start().await;
    let said = [
        ("X-Forwarded-For", "203.0.113.9"),
        ("X-Real-IP", "203.0.113.9"),
        ("Forwarded", "for=203.0.113.9"),
        ("X-User-Id", "admin"),
        ("X-Internal-Token", "admin"),
        ("X_User_Id", "admin"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Request-Deadline-Ms", "999999"),
        ("Accept-Language", "fr"),
        ("Cookie", "a=b"),
        ("X-Request-Id", "mine-1"),
        ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ];
    let reply = gate.get("/api/v1/echo", &said).await;
    assert_eq!(reply.header("x-request-id"), Some("mine-1"));
    let seen = &gate.upstream.seen()[0];
    for ours in ["x-forwarded-for", "x-request-id", "traceparent", "x-request-deadline-ms", "host"] {
        assert_eq!(seen.headers.iter().filter(|(name, _)| name == ours).count(), 1, "{ours} once");
    }
    let got = |name: &str| seen.header(name);
    assert_eq!((got("x-forwarded-for"), got("x-real-ip"), got("forwarded")), (Some("127.0.0.1"), None, None));
    assert_eq!((got("x-user-id"), got("x-internal-token"), got("x_user_id")), (None, None, None));
    assert_eq!((seen.method.as_str(), got("x-http-method-override")), ("GET", None));
    assert_eq!(
        (got("x-request-deadline-ms"), got("accept-language"), got("cookie")),
        (Some("10000"), Some("fr"), Some("a=b"))
    );
    assert_eq!(got("x-request-id"), Some("mine-1"));
    let trace = got("traceparent").unwrap();
    assert!(
        trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && !trace.contains("b7ad6b7169203331"),
        "{trace}"
    );
    gate.stop().await;
}

#[tokio::test]
async fn a_plain_request_arrives_with_what_the_gateway_says_once() {
    let gate = Gate::start().await;
    let said = [
        ("X-Request-Id", "mine-2"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("X-Token", "t"),
    ];
    let reply = gate.get("/echo?a=b", &said).await;
    assert_eq!((reply.status, reply.header("x-request-id")), (200, Some("mine-2")));
    let seen = &gate.upstream.seen()[0];
    for (name, value) in [
        ("x-request-id", "mine-2"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-token", "t"),
        ("x-request-deadline-ms", "10000"),
    ] {
        let all: Vec<&str> =
            seen.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        assert_eq!(all, [value], "{name}");
    }
    assert_eq!(seen.target, "/api/v1/echo?a=b");
    assert!(seen.header("traceparent").unwrap().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert_eq!(seen.headers.iter().filter(|(name, _)| name == "traceparent").count(), 1);
    gate.stop().await;
}

#[tokio::test]
async fn a_request_id_that_is_not_one_is_replaced() {
    let gate = Gate::start().await;
    for odd in ["a b", "<script>", &"a".repeat(200), "a\u{7f}"] {
        let reply = gate.get("/api/v1/echo", &[("X-Request-Id", odd)]).await;
        let id = reply.header("x-request-id").unwrap_or_default().to_owned();
        assert!(reply.status == 400 || (id.len() == 32 && id != odd), "{odd}: {reply:?}");
    }
    gate.stop().await;
}

#[tokio::test]
async fn listing_our_headers_as_hop_by_hop_does_not_take_them_away() {
    let gate = Gate::start().await;
    let listed = "close, X-Request-Id, X-Forwarded-For, traceparent, host, x-request-deadline-ms, x-secret";
    let bytes = format!("GET /api/v1/echo HTTP/1.1\r\nHost: gate\r\nX-Secret: 1\r\nConnection: {listed}\r\n\r\n");
    assert_eq!(gate.raw(bytes).await[0].status, 200);
    let seen = &gate.upstream.seen()[0];
    for name in ["x-request-id", "x-forwarded-for", "traceparent", "host", "x-request-deadline-ms"] {
        assert!(seen.header(name).is_some(), "{name}");
    }
    assert_eq!(seen.header("x-secret"), None);
    gate.stop().await;
}

#[tokio::test]
async fn a_reflected_value_cannot_begin_a_new_line() {
    let gate = Gate::start().await;
    let reply = gate.get("/api/v1/no%0d%0aSet-Cookie:%20x=1", &[]).await;
    assert_eq!((reply.status, reply.header("set-cookie")), (400, None));
    let reply = gate.get("/api/v1/nothing/here", &[("Accept-Language", "en\rX: 1")]).await;
    assert!(reply.header("x").is_none());
    gate.stop().await;
}

#[tokio::test]
async fn an_encoded_body_is_not_taken() {
    let gate = Gate::start().await;
    let reply = gate.send("POST", "/api/v1/echo", &[("Content-Encoding", "gzip")], "hello").await;
    reply.is(415, "unsupported_media_type");
    assert_eq!(reply.header("accept-encoding"), Some("identity"));
    gate.stop().await;
}
