//! Who may tell us of payments.

use auth::subscriptions::Signers;
use jiff::{SignedDuration, Timestamp};
use settings::SecretString;

use super::{BEGIN, signature};
use crate::support::STRIPE_SECRETS;

const BODY: &[u8] = br#"{"id":"evt_1"}"#;
/// By Python's hmac.
const TAG: &str = "6a359ff11a8784324895540f5fee6a0dfe8cfb95c719ae5f3e34c0d12e917c58";

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(BEGIN, 0) + SignedDuration::from_secs(secs)
}

#[track_caller]
fn check(header: &str, expected: bool) {
    let signers = Signers::new(&STRIPE_SECRETS.map(|secret| SecretString::from(secret.to_owned())));
    assert_eq!(signers.signed(header, BODY, at(0)), expected, "{header}");
}

#[test]
fn what_others_sign_is_refused() {
    check("", false);
    check("t,v1", false);
    check("v1=", false);
    check(&format!("v1={TAG}"), false);
    check(&format!("t={BEGIN}"), false);
    check(&format!("t={BEGIN},v1="), false);
    check(&format!("t={BEGIN},v1=zz"), false);
    check(&format!("t={BEGIN},v0={TAG}"), false);
    check(&format!("t={BEGIN},v1={}", &TAG[..62]), false);
    check(&format!("t={BEGIN},v1={}00", &TAG[..62]), false);
    check(&format!("t=0{BEGIN},v1={TAG}"), false);
    check(&format!("t={},v1={TAG}", BEGIN + 1), false);
    check(&format!("t=soon,v1={TAG}"), false);
    check(&format!("t={},v1={TAG}", i64::MAX), false);
    check(&format!("t={BEGIN},t={BEGIN},v1={TAG}"), false);
    check(&signature("whsec_of_somebody_else_who_is_not_us", BEGIN, BODY), false);
    check(&signature(STRIPE_SECRETS[0], BEGIN, b"{\"id\":\"evt_2\"}"), false);
}

#[test]
fn what_stripe_signs_is_taken_by_either_secret_and_among_other_signatures() {
    check(&format!("t={BEGIN},v1={TAG}"), true);
    check(&format!("t={BEGIN}, v1={}, v1={TAG}, v0=6ffb", "00".repeat(32)), true);
    check(&signature(STRIPE_SECRETS[0], BEGIN, BODY), true);
    check(&signature(STRIPE_SECRETS[1], BEGIN, BODY), true);
}

#[test]
fn five_minutes_either_way_are_tolerated_and_not_a_second_more() {
    for (off, expected) in [(-301, false), (-300, true), (300, true), (301, false)] {
        check(&signature(STRIPE_SECRETS[0], BEGIN + off, BODY), expected);
    }
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let none = Signers::new(&[]);
    assert!(none.is_empty() && !none.signed(&format!("t={BEGIN},v1={TAG}"), BODY, at(0)));
}
