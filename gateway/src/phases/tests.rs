use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};

use super::cors::Cors;
use super::*;
use crate::client::{Client, Networks};
use crate::table::Table;

/// Headers of a request.
type Sent<'a> = &'a [(&'a str, &'a str)];
/// The code and status of a refusal.
type Refused = (&'static str, u16);

fn networks() -> Networks {
    Networks { proxies: vec!["10.0.0.0/8".parse().unwrap()], exempt: vec!["127.0.0.0/8".parse().unwrap()] }
}

fn client() -> Client {
    Client::new(IpAddr::from([192, 0, 2, 1]), &networks())
}

fn head(method: &str, target: &str, headers: Sent<'_>) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn normalised(target: &str, headers: Sent<'_>) -> Result<String, Refused> {
    let mut head = head("GET", target, headers);
    let noted = Noted::of_map(&head.headers);
    let hosts = Hosts::new(&["gate".into(), "api.example.org:8443".into(), "[::1]".into()]);
    let whole = path_only(&mut head.uri, &noted).map(|()| head.uri.to_string());
    match whole.and_then(|whole| normalise(&noted, &Target::of(&whole), &hosts, &client()).map(|()| whole)) {
        Ok(whole) => Ok(whole),
        Err(problem) => Err((problem.code().code, problem.status())),
    }
}

#[test]
fn a_path_has_one_form_or_is_refused() {
    let good = ["/", "/a/b", "/.well-known/jwks.json", "/a.b", "/%C3%A9t%C3%A9", "/a%20b", "/a?q=../%2f"];
    for target in good {
        assert_eq!(normalised(target, &[("host", "gate")]), Ok(target.to_owned()), "{target}");
    }
    let refused = [
        "//host/a",
        "/a//b",
        "/./a",
        "/a/../b",
        "/a/..",
        "/a/.",
        "/a/..;/b",
        "/a;v=1/b",
        "/%2e%2e/a",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a%00",
        "/a%0d%0ab",
        "/%61dmin",
        "/a%7Eb",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a/..b",
        "/...",
    ];
    for target in refused {
        assert_eq!(normalised(target, &[("host", "gate")]), Err(("bad_path", 400)), "{target}");
    }
    let long = format!("/{}", "a".repeat(5 * 1024));
    assert_eq!(normalised(&long, &[("host", "gate")]), Err(("uri_too_long", 414)));
}

#[test]
fn a_host_is_there_once_and_is_ours() {
    let ours = || Ok("/a".to_owned());
    let (foreign, bad) = (|| Err(("misdirected", 421)), || Err(("bad_host", 400)));
    let cases: &[(Sent<'_>, Result<String, Refused>)] = &[
        (&[("host", "gate")], ours()),
        (&[("host", "GATE:8080")], ours()),
        (&[("host", "[::1]:8080")], ours()),
        (&[("host", "[::1]")], ours()),
        (&[("host", "api.example.org:8443")], ours()),
        (&[("host", "gate"), ("x-forwarded-host", "evil.example")], ours()),
        (&[("host", "api.example.org")], foreign()),
        (&[("host", "evil.example")], foreign()),
        (&[("host", "gate.evil.example")], foreign()),
        (&[("host", "evilgate")], foreign()),
        (&[("host", "gate:evil")], foreign()),
        (&[], bad()),
        (&[("host", "")], bad()),
        (&[("host", "gate"), ("host", "gate")], bad()),
    ];
    for (headers, expected) in cases {
        assert_eq!(normalised("/a", headers), *expected, "{headers:?}");
    }
    assert_eq!(normalised("http://gate/a?q", &[("host", "gate")]), Ok("/a?q".into()));
    assert_eq!(normalised("http://evil.example/a", &[("host", "gate")]), bad());
}

#[test]
fn what_could_be_framed_in_two_ways_is_refused() {
    let framed = |headers: Sent<'_>| normalised("/a", &[&[("host", "gate")], headers].concat()).err();
    let cases: &[(Sent<'_>, Option<Refused>)] = &[
        (&[("content-length", "5")], None),
        (&[("transfer-encoding", "Chunked")], None),
        (&[("expect", "100-Continue")], None),
        (&[("content-encoding", "identity")], None),
        (&[("content-length", "5"), ("content-length", "5")], Some(("bad_framing", 400))),
        (&[("content-length", "5"), ("transfer-encoding", "chunked")], Some(("bad_framing", 400))),
        (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], Some(("bad_framing", 400))),
        (&[("transfer-encoding", "gzip, chunked")], Some(("bad_framing", 400))),
        (&[("transfer-encoding", "xchunked")], Some(("bad_framing", 400))),
        (&[("expect", "100-continue, x")], Some(("expectation_failed", 417))),
        (&[("content-encoding", "gzip")], Some(("unsupported_media_type", 415))),
    ];
    for (headers, expected) in cases {
        assert_eq!(framed(headers), *expected, "{headers:?}");
    }
    let many: Vec<_> = (0..64).map(|_| ("x-a", "1")).collect();
    assert_eq!(framed(&many), Some(("headers_too_large", 431)));
    let large = "a".repeat(33 * 1024);
    assert_eq!(framed(&[("x-a", &large)]), Some(("headers_too_large", 431)));
}

fn table() -> Table {
    let lines = r#"
        { on = "GET /api/v1/posts/{id}", to = "posts", who = "user" },
        { on = "PUT /api/v1/posts/{id}", to = "posts", who = "user" },
        { on = "GET /api/v1/profile", to = "posts", who = "user", alias_of = "GET /api/v1/posts/me" },
        { on = "GET /api/v1/posts/me", to = "posts", who = "user" },
        { on = "GET /api/docs", to = "gateway", page = "docs", who = "open" },
        { on = "GET /health", to = "gateway", page = "health", who = "open" }"#;
    Table::parse(&format!("routes = [{lines}]"), &["posts"]).unwrap()
}

#[test]
fn three_spellings_are_one_path_and_an_alias_has_none() {
    let table = table();
    let pattern = |path: &str| {
        let found = dialect(&table, path)?;
        let route = table.route(found.place.route(&Method::GET)?)?;
        Some((route.pattern.clone(), found.path))
    };
    let post = |path: Option<&str>| Some(("/api/v1/posts/{id}".to_owned(), path.map(str::to_owned)));
    assert_eq!(pattern("/api/v1/posts/7"), post(None));
    assert_eq!(pattern("/api/posts/7"), post(Some("/api/v1/posts/7")));
    assert_eq!(pattern("/posts/7"), post(Some("/api/v1/posts/7")));
    assert_eq!(pattern("/api/v1/profile"), Some(("/api/v1/profile".into(), None)));
    assert_eq!(pattern("/health"), Some(("/health".into(), None)));
    assert_eq!(pattern("/api/docs"), Some(("/api/docs".into(), None)));
    for nothing in
        ["/profile", "/api/profile", "/api/v1/health", "/v1/posts/7", "/api/v1/api/v1/posts/7", "/apiposts/7"]
    {
        assert_eq!(pattern(nothing), None, "{nothing}");
    }
}

#[test]
fn an_alias_beside_other_methods_is_spelt_as_they_are() {
    let lines = r#"
        { on = "GET /api/v1/posts/me", to = "posts", who = "user" },
        { on = "DELETE /api/v1/posts/me", to = "posts", who = "user", alias_of = "DELETE /api/v1/posts/mine" },
        { on = "DELETE /api/v1/posts/mine", to = "posts", who = "user" }"#;
    let table = Table::parse(&format!("routes = [{lines}]"), &["posts"]).unwrap();
    for path in ["/api/v1/posts/me", "/api/posts/me", "/posts/me"] {
        let found = dialect(&table, path).unwrap();
        let route = table.route(found.place.route(&Method::DELETE).unwrap()).unwrap();
        assert_eq!(route.alias_of.as_deref(), Some("/api/v1/posts/mine"), "{path}");
    }
}

#[test]
fn a_wrong_method_is_told_which_are_right() {
    let table = table();
    let found = dialect(&table, "/api/v1/posts/7");
    assert!(route(found.as_ref(), &Method::HEAD).is_ok());
    let problem = route(found.as_ref(), &Method::DELETE).unwrap_err();
    assert_eq!((problem.status(), problem.headers()), (405, &[("allow", "GET, HEAD, OPTIONS, PUT".to_owned())][..]));
    for odd in [Method::TRACE, Method::CONNECT, Method::from_bytes(b"BREW").unwrap()] {
        assert_eq!(route(found.as_ref(), &odd).unwrap_err().status(), 405, "{odd}");
    }
    assert_eq!(route(None, &Method::GET).unwrap_err().status(), 404);
}

#[test]
fn only_listed_origins_are_let_read() {
    let listed = [HeaderValue::from_static("https://app.example.org")];
    let judged = |origin: &str| cors(&Noted::of_map(&head("GET", "/", &[("origin", origin)]).headers), &listed);
    assert_eq!(judged("https://app.example.org"), Cors::Listed(HeaderValue::from_static("https://app.example.org")));
    for other in [
        "null",
        "https://evil.example",
        "https://app.example.org.evil.example",
        "https://xapp.example.org",
        "http://app.example.org",
        "https://app.example.org:444",
        "*",
        "",
    ] {
        assert_eq!(judged(other), Cors::None, "{other}");
    }
    assert_eq!(cors(&Noted::of_map(&HeaderMap::new()), &listed), Cors::None);
}

#[test]
fn what_is_not_a_clients_to_say_does_not_reach_a_service() {
    let kept =
        ["authorization", "accept", "x-token", "xylophone", "content-type", "cookie", "x-requested-with", "tracestate"];
    let gone = [
        "x-user-id",
        "x-user-roles",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "forwarded",
        "x-internal-secret",
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
        "x-original-url",
        "x-request-deadline-ms",
        "x_user_id",
        "user_id",
        "a_b",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "expect",
    ];
    for name in kept {
        assert!(!noted::is_not_theirs(name.as_bytes()), "{name}");
    }
    for name in gone {
        assert!(noted::is_not_theirs(name.as_bytes()), "{name}");
        let sent = head("GET", "/", &[("host", "gate"), (name, "1")]).headers;
        assert!(Noted::of_map(&sent).mixed, "{name} is seen");
        let mut left = sent.clone();
        forward::sorted_out(&mut left);
        assert_eq!(left.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["host"], "{name}");
    }
}

#[test]
fn what_a_client_lists_as_hop_by_hop_goes_before_ours_is_set() {
    let listed =
        [("connection", "keep-alive, X-Secret , x-other"), ("x-secret", "1"), ("x-other", "2"), ("x-kept", "3")];
    let mut headers = head("GET", "/", &listed).headers;
    forward::sorted_out(&mut headers);
    let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(left, ["x-kept"]);
}

#[test]
fn behind_a_trusted_proxy_the_last_address_that_is_not_one_asks() {
    let networks = networks();
    let proxy = std::rc::Rc::new(Client::new(IpAddr::from([10, 0, 0, 9]), &networks));
    let asking = |client: &std::rc::Rc<Client>, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(value));
        client.asking(&headers, &networks).address().to_string()
    };
    assert_eq!(asking(&proxy, "203.0.113.7"), "203.0.113.7");
    assert_eq!(asking(&proxy, "198.51.100.1, 203.0.113.7, 10.1.1.1"), "203.0.113.7");
    assert_eq!(asking(&proxy, "nonsense"), "10.0.0.9");
    assert_eq!(asking(&proxy, "10.2.2.2"), "10.0.0.9");
    let anybody = std::rc::Rc::new(client());
    assert_eq!(asking(&anybody, "203.0.113.7"), "192.0.2.1", "the socket's peer, whatever it says");
}

#[test]
fn a_forwarding_header_for_an_entity_tag_is_given_back_plain() {
    let cases =
        [(r#""5-gzip""#, Some(r#""5""#)), (r#""4", "5-gzip""#, Some(r#""4", "5""#)), (r#""5""#, None), ("*", None)];
    for (sent, plain) in cases {
        assert_eq!(crate::compress::plain_etags(sent).as_deref(), plain, "{sent}");
    }
    assert_eq!(head("GET", "/", &[("host", "gate")]).headers.get(HOST).unwrap(), "gate");
}
