mod with_redis;

use std::net::IpAddr;
use std::time::Duration;

use cache::Redis;
use clock::Clock;
use jiff::{SignedDuration, Timestamp};
use problem::Language;
use proptest::prelude::*;
use settings::Reader;

use super::*;

const FIVE: Policy = Policy::new("login", Rate::per_minute(5));

fn noon() -> Clock {
    Clock::fixed("2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn alone(clock: &Clock) -> Limiter {
    Limiter::new(None, clock.clone())
}

fn passed(limiter: &Limiter, policy: &Policy, key: &str, calls: u32) -> u32 {
    (0..calls).map(|_| u32::from(limiter.check(policy, key, 1).allowed)).sum()
}

#[test]
fn rates_are_read_and_shown_as_configuration_writes_them() {
    let cases: &[(&str, Option<(u32, u64)>)] = &[
        ("120/min", Some((120, 60))),
        ("5/h", Some((5, 3_600))),
        ("10 / d", Some((10, 86_400))),
        ("3/s", Some((3, 1))),
        ("0/min", None),
        ("-1/min", None),
        ("5", None),
        ("5/week", None),
        ("/min", None),
    ];
    for (text, expected) in cases {
        let read = Reader::from_pairs([("LIMIT_READ", *text)])
            .load(|env| Policy::read(env, "read", Rate::per_minute(1)))
            .ok()
            .map(|policy| (policy.quota, policy.window.as_secs()));
        assert_eq!(read, *expected, "{text}");
    }
    assert_eq!(Rate::per_minute(120).to_string(), "120/min");
}

#[test]
fn a_quota_may_be_spent_at_once_and_comes_back_evenly() {
    let clock = noon();
    let limiter = alone(&clock);
    assert_eq!(passed(&limiter, &FIVE, "ada", 8), 5);
    clock.advance(SignedDuration::from_secs(12));
    assert_eq!(passed(&limiter, &FIVE, "ada", 8), 1);
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(passed(&limiter, &FIVE, "ada", 8), 5);
}

#[test]
fn callers_and_policies_are_counted_apart() {
    let limiter = alone(&noon());
    assert_eq!(passed(&limiter, &FIVE, "ada", 9), 5);
    assert_eq!(passed(&limiter, &FIVE, "bob", 9), 5);
    let other = Policy::new("read", Rate::per_minute(2));
    assert_eq!(passed(&limiter, &other, "ada", 9), 2);
}

#[test]
fn the_decision_tells_what_is_left_and_when_to_come_back() {
    let limiter = alone(&noon());
    let first = limiter.check(&FIVE, "ada", 1);
    assert_eq!(first, Decision { allowed: true, remaining: 4, reset_secs: 12, retry_after_secs: 0 });
    let cases = [(2, true, 2, 36, 0), (2, true, 0, 60, 0), (1, false, 0, 60, 12), (3, false, 0, 60, 36)];
    for (cost, allowed, remaining, reset_secs, retry_after_secs) in cases {
        let expected = Decision { allowed, remaining, reset_secs, retry_after_secs };
        assert_eq!(limiter.check(&FIVE, "ada", cost), expected, "{cost}");
    }
}

#[test]
fn a_refusal_names_the_policy_in_headers_and_body() {
    let limiter = alone(&noon());
    passed(&limiter, &FIVE, "ada", 5);
    let problem = limiter.check(&FIVE, "ada", 1).problem(&FIVE);
    let rendered = problem.render(Language::En, "r-1", "/api/v1/auth/login");
    assert_eq!(rendered.status, 429);
    let body = String::from_utf8(rendered.body).unwrap();
    assert!(body.contains("http-problem-types#quota-exceeded"), "{body}");
    assert!(body.contains(r#""violated-policies":["login"]"#), "{body}");
    let header = |name| rendered.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(header("ratelimit-policy"), Some(r#""login";q=5;w=60"#));
    assert_eq!(header("ratelimit"), Some(r#""login";r=0;t=60"#));
    assert_eq!(header("retry-after"), Some("12"));
}

#[test]
fn nobody_waits_longer_than_a_window_after_the_clock_travelled_back() {
    let clock = noon();
    let limiter = alone(&clock);
    passed(&limiter, &FIVE, "ada", 5);
    clock.advance(SignedDuration::from_hours(-36));
    let refused = limiter.check(&FIVE, "ada", 1);
    assert!(!refused.allowed && refused.retry_after_secs <= 60, "{refused:?}");
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(passed(&limiter, &FIVE, "ada", 9), 5);
}

#[test]
fn an_ipv6_subscriber_is_one_caller_and_a_mapped_address_the_v4_it_is() {
    let key = |address: &str| Key::from(address.parse::<IpAddr>().unwrap());
    assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
}

#[test]
fn a_flood_of_addresses_costs_bounded_memory_and_frees_nobody_who_keeps_calling() {
    let clock = noon();
    let limiter = alone(&clock);
    for address in 0..600_000_u32 {
        limiter.check(&FIVE, IpAddr::from(address.to_be_bytes()), 1);
    }
    assert!(limiter.table().len() <= 64 * 4_096, "{}", limiter.table().len());
    assert_eq!(passed(&limiter, &FIVE, "ada", 9), 5);
    clock.advance(SignedDuration::from_secs(61));
    limiter.table().sweep(clock.now().as_microsecond());
    assert_eq!(limiter.table().len(), 0);
}

proptest! {
    /// In any window no more passes than the quota and what came back meanwhile: at most twice the quota.
    #[test]
    fn no_window_lets_more_than_twice_the_quota_pass(gaps in prop::collection::vec(0_i64..30_000, 1..200)) {
        let clock = noon();
        let limiter = alone(&clock);
        let mut times = Vec::new();
        for gap in gaps {
            clock.advance(SignedDuration::from_millis(gap));
            if limiter.check(&FIVE, "ada", 1).allowed {
                times.push(clock.now());
            }
        }
        for (index, start) in times.iter().enumerate() {
            let end = *start + SignedDuration::from_secs(60);
            let within = times.iter().skip(index).take_while(|at| **at < end).count();
            prop_assert!(within <= 10, "{within}");
        }
    }
}

#[tokio::test]
async fn callers_are_still_limited_where_redis_is_away() {
    let redis = Redis::open(&"redis://127.0.0.1:1".to_owned().into()).unwrap();
    let limiter = Limiter::new(Some(redis), noon());
    let mut allowed = 0;
    for _ in 0..9 {
        allowed += u32::from(limiter.check_shared(&FIVE, "ada", 1).await.allowed);
    }
    assert_eq!(allowed, 5);
    limiter.reconcile_once().await;
    assert!(!limiter.check(&FIVE, "ada", 1).allowed);
    assert_eq!(FIVE.window, Duration::from_secs(60));
}
