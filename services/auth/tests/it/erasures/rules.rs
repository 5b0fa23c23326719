//! When what happens.

use auth::erasures::rules::{DEADLINE, Stage, begins, is_alarming, is_late, may_cancel, next_ask};
use jiff::{SignedDuration, Timestamp};

const THEN: Timestamp = Timestamp::constant(1_768_296_600, 0);

fn minutes(minutes: i64) -> Timestamp {
    THEN + SignedDuration::from_mins(minutes)
}

#[test]
fn a_service_is_asked_again_after_a_quarter_an_hour_and_six_hours() {
    let cases = [(0, None), (1, Some(15)), (2, Some(60)), (3, Some(360)), (4, None), (i32::MAX, None), (-1, None)];
    for (attempts, after) in cases {
        assert_eq!(next_ask(THEN, attempts), after.map(minutes), "{attempts}");
    }
}

#[test]
fn a_day_is_late_and_five_days_before_the_end_are_alarming() {
    let alarming = 25 * 24 * 60;
    for (after, expected) in [
        (24 * 60 - 1, (false, false)),
        (24 * 60, (true, false)),
        (alarming - 1, (true, false)),
        (alarming, (true, true)),
        (31 * 24 * 60, (true, true)),
    ] {
        let now = minutes(after);
        assert_eq!((is_late(THEN, now), is_alarming(THEN + DEADLINE, now)), expected, "{after}");
    }
}

#[test]
fn it_is_either_still_to_be_taken_back_or_to_begin() {
    for after in [-1, 0, 1] {
        let now = minutes(after);
        assert_ne!(begins(Stage::Requested, THEN, now), may_cancel(Stage::Requested, THEN, now), "{after}");
    }
    for stage in [Stage::Running, Stage::Stalled, Stage::Completed, Stage::Cancelled] {
        assert!(!begins(stage, THEN, minutes(1)) && !may_cancel(stage, THEN, minutes(-1)), "{stage:?}");
    }
}

#[test]
fn every_stage_has_its_name() {
    for stage in [Stage::Requested, Stage::Running, Stage::Stalled, Stage::Completed, Stage::Cancelled] {
        assert_eq!(Stage::named(stage.name()), Some(stage));
    }
    assert_eq!(Stage::named("LOST"), None);
}
