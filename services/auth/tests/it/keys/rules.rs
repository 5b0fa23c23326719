//! What there is to do about the keys.

use auth::keys::rules::{Known, State, Step, due};
use jiff::{SignedDuration, Timestamp};

fn at(hours: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_hours(hours)
}

fn active(since: i64) -> Known<'static> {
    let (created_at, activated_at) = (at(since), Some(at(since)));
    Known { kid: "a", state: State::Active, wished: true, created_at, activated_at, retired_at: None }
}

fn next(made: i64) -> Known<'static> {
    Known { kid: "n", state: State::Next, wished: true, created_at: at(made), activated_at: None, retired_at: None }
}

fn retired(at_hours: i64) -> Known<'static> {
    Known { kid: "r", state: State::Retired, retired_at: Some(at(at_hours)), ..active(0) }
}

#[track_caller]
fn check(keys: &[Known<'_>], hours: i64, expected: Option<Step<'_>>) {
    assert_eq!(due(keys, at(hours)), expected, "after {hours} h: {keys:?}");
}

#[test]
fn the_first_key_signs_at_once() {
    check(&[], 0, Some(Step::MakeFirst));
    check(&[retired(0)], 0, Some(Step::MakeFirst));
    check(&[next(0)], 0, Some(Step::Promote));
}

#[test]
fn the_next_key_is_made_a_day_before_it_signs() {
    check(&[active(0)], 29 * 24 - 1, None);
    check(&[active(0)], 29 * 24, Some(Step::MakeNext));
    check(&[active(0), next(29 * 24)], 30 * 24 - 1, None);
    check(&[active(0), next(29 * 24)], 30 * 24, Some(Step::Promote));
}

#[test]
fn a_key_that_was_made_late_is_published_for_a_whole_day_nonetheless() {
    check(&[active(0)], 100 * 24, Some(Step::MakeNext));
    check(&[active(0), next(100 * 24)], 101 * 24 - 1, None);
    check(&[active(0), next(100 * 24)], 101 * 24, Some(Step::Promote));
}

#[test]
fn a_key_of_another_algorithm_is_replaced_within_a_day() {
    let other = Known { wished: false, ..active(0) };
    check(&[other], 0, Some(Step::MakeNext));
    check(&[other, next(0)], 23, None);
    check(&[other, next(0)], 24, Some(Step::Promote));
}

#[test]
fn a_retired_key_stays_while_its_tokens_live_and_an_hour_more() {
    check(&[active(10), retired(10)], 11, None);
    check(&[active(10), retired(10)], 12, Some(Step::Drop("r")));
}

#[test]
fn a_clock_that_went_back_takes_no_key_away() {
    check(&[active(1000), retired(1000)], 0, None);
    check(&[active(1000), next(1000)], 0, None);
}
