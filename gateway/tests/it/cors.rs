//! Browsers' pages: the listed ones may read, no other.

use crate::support::Gate;

const LISTED: &str = "https://app.example.org";

#[tokio::test]
async fn a_listed_origin_is_echoed_with_credentials_and_no_other_is() {
    let gate = Gate::with(&[("CORS_ORIGINS", LISTED)]).await;
    for lane in crate::support::LANES {
        let listed = gate.get("/api/v1/echo", &[&[("Origin", LISTED)], lane].concat()).await;
        assert_eq!(listed.header("access-control-allow-origin"), Some(LISTED));
        assert_eq!(listed.header("access-control-allow-credentials"), Some("true"));
        assert!(listed.header("access-control-expose-headers").unwrap().contains("etag"));
    }
    for origin in ["null", "https://evil.example", "https://app.example.org.evil.example", "http://app.example.org"] {
        let reply = gate.get("/api/v1/echo", &[("Origin", origin)]).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, None), "{origin}");
        assert!(reply.header("vary").unwrap().contains("origin"));
    }
    let refused = gate.get("/api/v1/private", &[("Origin", LISTED)]).await;
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (401, Some(LISTED)),
        "refusals are read too"
    );
    gate.stop().await;
}

#[tokio::test]
async fn what_a_browser_asks_beforehand_is_answered_here() {
    let gate = Gate::with(&[("CORS_ORIGINS", LISTED)]).await;
    let asked =
        [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization, if-match")];
    let ask = async |origin: &str, path: &str| {
        gate.send("OPTIONS", path, &[&[("Origin", origin)], asked.as_slice()].concat(), "").await
    };
    let listed = ask(LISTED, "/api/v1/private").await;
    assert_eq!(listed.status, 204);
    assert_eq!(listed.header("access-control-allow-origin"), Some(LISTED));
    assert_eq!(listed.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS, PUT"));
    assert_eq!(listed.header("access-control-allow-headers"), Some("authorization, if-match"));
    let evil = ask("https://evil.example", "/api/v1/private").await;
    assert_eq!((evil.header("access-control-allow-origin"), evil.header("access-control-allow-methods")), (None, None));
    assert_eq!(ask(LISTED, "/nowhere").await.status, 404);
    assert_eq!(gate.upstream.seen().len(), 0);
    gate.stop().await;
}
