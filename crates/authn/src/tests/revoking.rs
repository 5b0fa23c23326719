//! Many revocations: none is lost on the way from the few latest to all, and each is forgotten in its time.

use contracts::auth::SessionRevoked;
use contracts::{SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::forge::{Forge, now, user};

const MANY: u128 = 1000;

fn later(secs: i64) -> Timestamp {
    now() + SignedDuration::from_secs(secs)
}

fn nothing() -> SessionRevoked {
    SessionRevoked { sid: None, jti: None, user_id: None, not_before: None, revoked_at: now(), exp: later(1800) }
}

fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

#[test]
fn a_thousand_revocations_one_by_one_are_all_kept_until_they_are_over() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    for n in 0..MANY {
        verifier.revoke(&SessionRevoked { sid: Some(session(n)), ..nothing() }, now());
    }
    let accepted = |n: u128| verifier.verify(&forge.with(json!({ "sid": session(n) })), now()).is_ok();
    assert_eq!((0..MANY).filter(|n| accepted(*n)).count(), 0);
    assert!(accepted(MANY));
    verifier.prune(later(1860));
    assert_eq!((0..MANY).filter(|n| accepted(*n)).count(), 0);
    verifier.prune(later(1861));
    assert_eq!((0..MANY).filter(|n| accepted(*n)).count(), 1000);
}

#[test]
fn the_latest_moment_of_an_account_counts_however_many_came_between() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let of_user =
        |user: UserId, secs| SessionRevoked { user_id: Some(user), not_before: Some(later(secs)), ..nothing() };
    verifier.revoke(&of_user(user(), 10), now());
    for n in 0..MANY {
        verifier.revoke(&of_user(UserId(Uuid::from_u128(n + 100)), 1), now());
    }
    verifier.revoke(&of_user(user(), -60), now());
    let issued =
        |secs: i64| forge.with(json!({ "iat": later(secs).as_second(), "exp": later(secs + 1800).as_second() }));
    assert!(verifier.verify(&issued(9), later(10)).is_err());
    verifier.verify(&issued(10), later(10)).unwrap();
    verifier.revoke(&of_user(user(), 20), now());
    assert!(verifier.verify(&issued(10), later(20)).is_err());
    verifier.verify(&issued(20), later(20)).unwrap();
}
