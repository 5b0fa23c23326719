//! How often one may call, and who is counted.

use crate::support::{Gate, Token};

#[tokio::test]
async fn an_account_has_its_quota_and_is_told_what_is_left() {
    let gate = Gate::with(&[("LIMIT_READ", "3/min"), ("LIMIT_WRITE", "1/min")]).await;
    let (ada, bob) = (gate.keys.bearer(&Token::of(1)), gate.keys.bearer(&Token::of(2)));
    let read = async |bearer: &str| gate.get("/api/v1/private", &[("Authorization", bearer)]).await;
    let first = read(&ada).await;
    assert_eq!((first.status, first.header("ratelimit-policy")), (200, Some("\"read\";q=3;w=60")));
    assert_eq!(first.header("ratelimit"), Some("\"read\";r=2;t=20"));
    read(&ada).await;
    read(&ada).await;
    let over = read(&ada).await;
    over.is(429, "quota_exceeded");
    assert_eq!(over.json()["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(over.json()["violated-policies"][0], "read");
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(over.header("ratelimit").unwrap().starts_with("\"read\";r=0;"));
    assert_eq!(read(&bob).await.status, 200, "another account has its own");
    let write = gate.send("PUT", "/api/v1/private", &[("Authorization", &ada)], "{}").await;
    assert_eq!(write.status, 200, "and writing is counted apart");
    gate.stop().await;
}

#[tokio::test]
async fn who_has_no_token_is_counted_by_the_sockets_address_whatever_he_says() {
    let webhook = ("LIMIT_WEBHOOK_ADDRESS", "1/min");
    let gate = Gate::with(&[("LIMIT_ANON", "2/min"), ("LIMIT_LOGIN_ADDRESS", "1/min"), webhook]).await;
    let mut statuses = Vec::new();
    for n in 0..3 {
        let claimed = format!("203.0.113.{n}");
        statuses.push(
            gate.get("/api/v1/anonymous", &[("X-Forwarded-For", &claimed), ("X-Real-IP", &claimed)]).await.status,
        );
    }
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(gate.get("/api/v1/maybe", &[]).await.status, 429, "the same quota");
    for own in ["/api/v1/login", "/api/v1/hook"] {
        assert_eq!(gate.send("POST", own, &[], "{}").await.status, 200);
        assert_eq!(gate.send("POST", own, &[], "{}").await.status, 429);
    }
    gate.stop().await;
}

#[tokio::test]
async fn exempt_networks_are_not_counted_by_address_but_by_account() {
    let exempt = ("LIMIT_EXEMPT_NETWORKS", "127.0.0.0/8");
    let gate = Gate::with(&[("LIMIT_ANON", "1/min"), ("LIMIT_READ", "1/min"), exempt]).await;
    for _ in 0..5 {
        assert_eq!(gate.get("/api/v1/anonymous", &[]).await.status, 200);
    }
    let ada = gate.keys.bearer(&Token::of(1));
    let read = async || gate.get("/api/v1/private", &[("Authorization", &ada)]).await.status;
    assert_eq!((read().await, read().await), (200, 429));
    gate.stop().await;
}

#[tokio::test]
async fn a_trusted_proxy_says_who_asks() {
    let gate = Gate::with(&[("LIMIT_ANON", "1/min"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let asking = async |address: &str| gate.get("/api/v1/anonymous", &[("X-Forwarded-For", address)]).await.status;
    assert_eq!(asking("203.0.113.1").await, 200);
    assert_eq!(asking("203.0.113.2").await, 200);
    assert_eq!(asking("203.0.113.1").await, 429);
    assert_eq!(gate.upstream.seen()[1].header("x-forwarded-for"), Some("203.0.113.2"));
    gate.stop().await;
}

#[tokio::test]
async fn a_redis_that_is_away_costs_nothing_and_frees_nobody() {
    let gate = Gate::with(&[("LIMIT_ANON", "2/min"), ("REDIS_URL", "redis://127.0.0.1:1")]).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(gate.get("/api/v1/anonymous", &[]).await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
    gate.stop().await;
}
