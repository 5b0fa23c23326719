//! Which service, by which spelling, with which method.

use serde_json::json;

use crate::support::Gate;

#[tokio::test]
async fn three_spellings_of_a_path_have_equal_answers_and_the_others_name_the_first() {
    let gate = Gate::start().await;
    let mut bodies = Vec::new();
    for (path, link) in [("/api/v1/echo", false), ("/api/echo", true), ("/echo", true)] {
        let reply = gate.send("POST", &format!("{path}?a=1"), &[], "hello").await;
        assert_eq!(
            (reply.status, reply.header("link")),
            (200, link.then_some("</api/v1/echo>; rel=\"canonical\"")),
            "{path}"
        );
        bodies.push(reply.json());
    }
    let expected = json!({ "method": "POST", "target": "/api/v1/echo?a=1", "body": "hello" });
    assert_eq!(bodies, [expected.clone(), expected.clone(), expected]);
    gate.stop().await;
}

#[tokio::test]
async fn an_alias_is_answered_as_what_it_stands_for_and_has_no_other_spelling() {
    let gate = Gate::start().await;
    for lane in crate::support::LANES {
        let reply = gate.get("/api/v1/alias?q=1", lane).await;
        assert_eq!(reply.json()["target"], "/api/v1/echo?q=1");
        assert_eq!(reply.header("link"), Some("</api/v1/echo>; rel=\"canonical\""));
    }
    for spelling in ["/api/alias", "/alias"] {
        gate.get(spelling, &[]).await.is(404, "not_found");
    }
    gate.stop().await;
}

#[tokio::test]
async fn a_wrong_method_is_told_which_are_right() {
    let gate = Gate::start().await;
    for method in ["DELETE", "TRACE", "BREW", "PROPFIND"] {
        let reply = gate.send(method, "/api/v1/echo", &[("Accept-Language", "en")], "").await;
        reply.is(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS, POST, PUT"), "{method}");
    }
    let connect = gate.raw("CONNECT gate:80 HTTP/1.1\r\nHost: gate:80\r\n\r\n").await;
    assert!([400, 405].contains(&connect[0].status), "{connect:?}");
    assert_eq!(gate.upstream.seen().len(), 0);
    let asked = gate.send("OPTIONS", "/api/v1/echo", &[], "").await;
    assert_eq!((asked.status, asked.header("allow")), (204, Some("GET, HEAD, OPTIONS, POST, PUT")));
    gate.stop().await;
}

#[tokio::test]
async fn a_head_is_answered_like_a_get_without_the_body() {
    let gate = Gate::start().await;
    let bytes = "HEAD /api/v1/echo HTTP/1.1\r\nHost: gate\r\n\r\nGET /api/v1/echo HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n";
    let mut stream = tokio::net::TcpStream::connect(gate.running.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, bytes.as_bytes()).await.unwrap();
    let mut all = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut all).await.unwrap();
    let answers: Vec<&str> = all.matches("HTTP/1.1 200 OK").collect();
    assert_eq!(answers.len(), 2, "{all}");
    assert_eq!(all.matches("\"method\"").count(), 1, "one body: {all}");
    assert_eq!(gate.upstream.seen()[0].method, "GET");
    gate.stop().await;
}

#[tokio::test]
async fn a_refusal_is_in_the_callers_language_and_says_where() {
    let gate = Gate::start().await;
    let french = gate.get("/nowhere?token=secret", &[]).await;
    french.is(404, "not_found");
    assert_eq!((french.json()["title"].as_str(), french.header("content-language")), (Some("Introuvable"), Some("fr")));
    assert_eq!(french.json()["instance"], "/nowhere");
    let english = gate.get("/nowhere", &[("Accept-Language", "en-GB,fr;q=0.5")]).await;
    assert_eq!((english.json()["title"].as_str(), english.header("content-language")), (Some("Not found"), Some("en")));
    gate.stop().await;
}

#[tokio::test]
async fn every_answer_carries_what_browsers_obey_and_tells_nothing_of_the_inside() {
    let gate = Gate::start().await;
    for (path, lane) in ["/api/v1/echo", "/nowhere", "/health", "/api/v1/private"]
        .into_iter()
        .flat_map(|path| crate::support::LANES.map(|lane| (path, lane)))
    {
        let reply = gate.get(path, lane).await;
        let header = |name: &str| reply.header(name);
        assert_eq!(header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"), "{path}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"), "{path}");
        assert!(header("vary").is_some_and(|vary| vary.contains("origin")), "{path}");
        for inside in ["server", "x-powered-by", "keep-alive"] {
            assert_eq!(header(inside), None, "{path}");
        }
    }
    gate.stop().await;
}
