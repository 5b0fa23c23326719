//! Who may enter, and who not.

use serde_json::json;

use crate::support::{Gate, Token, until};

#[tokio::test]
async fn routes_let_in_whom_the_table_says() {
    let gate = Gate::start().await;
    let user = gate.keys.bearer(&Token::of(1));
    let coach = gate.keys.bearer(&Token::of(2).with("roles", json!(["user", "coach"])));
    let admin = gate.keys.bearer(&Token::of(3).with("roles", json!(["user", "admin"])));
    let cases = [
        ("/api/v1/anonymous", [200, 200, 200, 200]),
        ("/api/v1/maybe", [200, 200, 200, 200]),
        ("/api/v1/private", [401, 200, 200, 200]),
        ("/api/v1/coaching", [401, 403, 200, 200]),
        ("/api/v1/admin/thing", [401, 403, 403, 200]),
    ];
    for (path, expected) in cases {
        let callers = [None, Some(&user), Some(&coach), Some(&admin)];
        for (caller, status) in callers.into_iter().zip(expected) {
            for lane in crate::support::LANES {
                let bearer = caller.iter().map(|bearer| ("Authorization", bearer.as_str()));
                let headers: Vec<_> = bearer.chain(lane.iter().copied()).collect();
                assert_eq!(gate.get(path, &headers).await.status, status, "{path} {headers:?}");
            }
        }
    }
    let seen = gate.upstream.seen();
    let private = seen.iter().find(|seen| seen.target == "/api/v1/private").unwrap();
    assert_eq!(private.header("authorization"), Some(user.as_str()), "services verify it themselves");
    gate.stop().await;
}

#[tokio::test]
async fn a_refusal_sends_the_caller_to_sign_in() {
    let gate = Gate::start().await;
    let reply = gate.get("/api/v1/private", &[]).await;
    reply.is(401, "unauthenticated");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    assert_eq!(reply.json()["login_url"], "/api/v1/auth/login");
    gate.stop().await;
}

#[tokio::test]
async fn tokens_that_are_not_good_are_refused_even_where_none_is_needed() {
    let gate = Gate::start().await;
    let good = gate.keys.bearer(&Token::of(1));
    let hour_ago = clock::Clock::system().now().as_second() - 3_600;
    let expired = Token::of(1).with("iat", json!(hour_ago)).with("exp", json!(hour_ago + 1_800));
    let bad = [
        "Bearer nonsense".to_owned(),
        good.replace("Bearer ", "Basic "),
        "Bearer".to_owned(),
        format!("{good}x"),
        gate.keys.bearer(&Token::of(1).with("aud", json!(["other"]))),
        gate.keys.bearer(&Token::of(1).with("iss", json!("https://evil.example"))),
        gate.keys.bearer(&Token::of(1).with("type", json!("refresh"))),
        gate.keys.bearer(&expired),
        crate::support::Keys::new().bearer(&Token::of(1)),
    ];
    for bearer in bad {
        for path in ["/api/v1/private", "/api/v1/maybe"] {
            assert_eq!(gate.get(path, &[("Authorization", &bearer)]).await.status, 401, "{path} {bearer}");
        }
    }
    let two = [("Authorization", good.as_str()), ("Authorization", good.as_str())];
    assert_eq!(gate.get("/api/v1/private", &two).await.status, 401);
    gate.stop().await;
}

#[tokio::test]
async fn a_token_that_was_good_is_refused_once_its_session_ended() {
    let gate = Gate::start().await;
    let token = Token::of(9);
    let bearer = gate.keys.bearer(&token);
    let status = async || gate.get("/api/v1/private", &[("Authorization", &bearer)]).await.status;
    assert_eq!(status().await, 200);
    let now = clock::Clock::system().now();
    let ends = now + jiff::SignedDuration::from_mins(31);
    gate.upstream.revokes(json!({ "sid": token.0["sid"], "revoked_at": now.to_string(), "exp": ends.to_string() }));
    until("the revocation is known", async || status().await == 401).await;
    let reply = gate.get("/api/v1/private", &[("Authorization", &bearer)]).await;
    reply.is(401, "token_revoked");
    gate.stop().await;
}

#[tokio::test]
async fn what_is_for_one_account_is_kept_by_nobody() {
    let gate = Gate::start().await;
    let bearer = gate.keys.bearer(&Token::of(1));
    let private = gate.get("/api/v1/private", &[("Authorization", &bearer)]).await;
    assert_eq!(private.header("cache-control"), Some("no-store"));
    assert_eq!(gate.get("/api/v1/echo", &[]).await.header("cache-control"), None);
    gate.stop().await;
}
