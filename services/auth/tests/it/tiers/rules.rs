//! Which tier an account has.

use auth::tiers::rules::{Held, Kind, Source, held, not_before};
use contracts::Tier;
use jiff::{SignedDuration, Timestamp};

fn at(millis: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_millis(millis)
}

fn paid(until: i64) -> Source {
    Source { kind: Kind::Subscription, until: Some(at(until)) }
}

fn given(until: Option<i64>) -> Source {
    Source { kind: Kind::Grant, until: until.map(at) }
}

#[track_caller]
fn check(sources: &[Source], tier: Tier, until: Option<i64>, by: Option<Kind>) {
    assert_eq!(held(sources, at(0)), Held { tier, until: until.map(at), by }, "{sources:?}");
}

#[test]
fn the_best_of_all_sources_is_held() {
    check(&[], Tier::Free, None, None);
    check(&[paid(0)], Tier::Free, Some(0), None);
    check(&[paid(-5), given(Some(-9))], Tier::Free, Some(-5), None);
    check(&[paid(1)], Tier::Premium, Some(1), Some(Kind::Subscription));
    check(&[paid(1), paid(7), paid(-1)], Tier::Premium, Some(7), Some(Kind::Subscription));
    check(&[given(Some(9)), paid(5)], Tier::Premium, Some(9), Some(Kind::Subscription));
    check(&[given(Some(9)), paid(-5)], Tier::Premium, Some(9), Some(Kind::Grant));
    check(&[given(None)], Tier::Premium, None, Some(Kind::Grant));
    check(&[paid(5), given(None)], Tier::Premium, None, Some(Kind::Subscription));
}

#[test]
fn tokens_of_this_second_and_the_next_are_old() {
    assert_eq!(not_before(None, at(0)), at(2_000));
    assert_eq!(not_before(None, at(999)), at(2_000));
    assert_eq!(not_before(None, at(1_000)), at(3_000));
    assert_eq!(not_before(Some(at(-5_000)), at(10)), at(2_000));
}

#[test]
fn tokens_that_were_dated_ahead_are_old_at_the_next_change() {
    assert_eq!(not_before(Some(at(2_000)), at(10)), at(3_000));
    assert_eq!(not_before(Some(at(3_000)), at(999)), at(4_000));
    assert_eq!(not_before(Some(at(2_000)), at(1_500)), at(3_000));
}

#[test]
fn a_moment_of_a_clock_that_went_back_moves_nothing() {
    assert_eq!(not_before(Some(at(20_000)), at(0)), at(2_000));
    assert_eq!(not_before(Some(at(3_600_000)), at(0)), at(2_000));
}
