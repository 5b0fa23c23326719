//! When guessing is locked.

use auth::locks::rules::{APART, Ladder, REMEMBERED, TOGETHER, holds};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_secs(secs)
}

/// After so many failures, each as soon as it is let through, a ladder locks for so many seconds.
#[track_caller]
fn check(ladder: Ladder, failures: usize, secs: Option<i64>) {
    let (mut now, mut times) = (at(0), Vec::new());
    for _ in 0..failures {
        now = ladder.locked_until(&times, now).unwrap_or(now);
        times = ladder.with_failure(&times, now);
    }
    let left = ladder.locked_until(&times, now).map(|until| until.duration_since(now).as_secs());
    assert_eq!(left, secs, "{failures} {ladder:?}");
}

#[test]
fn every_fifth_failure_locks_longer_up_to_a_day_and_then_it_begins_anew() {
    for (failures, secs) in [(5, 60), (10, 600), (15, 900), (20, 3_600), (25, 86_400), (30, 60), (35, 600)] {
        check(Ladder::Origin, failures, Some(secs));
    }
    for failures in [0, 1, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 29] {
        check(Ladder::Origin, failures, None);
    }
}

#[test]
fn twenty_failures_from_everywhere_lock_for_a_quarter_of_an_hour() {
    for (failures, secs) in [(0, None), (19, None), (20, Some(900)), (21, None), (39, None), (40, Some(900))] {
        check(Ladder::Everywhere, failures, secs);
    }
}

#[test]
fn codes_of_one_account_lock_longer_the_more_there_are_and_a_hundred_for_a_day() {
    for (failures, secs) in [(20, 900), (50, 3_600), (100, 86_400), (120, 900), (150, 3_600), (200, 86_400)] {
        check(Ladder::Account, failures, Some(secs));
    }
    for failures in [0, 19, 21, 49, 51, 99, 101, 119] {
        check(Ladder::Account, failures, None);
    }
}

#[test]
fn codes_of_one_account_are_remembered_for_a_day_after_the_last() {
    let slow = |hours: i64| {
        let at = |n: i64| at(n * hours * 3_600);
        let times = (0..19).fold(Vec::new(), |times, n| Ladder::Account.with_failure(&times, at(n)));
        Ladder::Account.with_failure(&times, at(19)).len()
    };
    assert_eq!((slow(1), slow(23), slow(24)), (20, 20, 1));
}

#[test]
fn one_that_slipped_through_opens_no_lock_to_others() {
    let times: Vec<Timestamp> = (0..7).map(at).collect();
    assert_eq!(Ladder::Origin.locked_until(&times, at(7)), Some(at(4 + 60)));
    assert_eq!(Ladder::Origin.locked_until(&times, at(4 + 60)), None);
}

#[test]
fn no_more_is_kept_than_the_last_rung_asks_for() {
    for (ladder, most) in [(Ladder::Origin, 25), (Ladder::Everywhere, 20), (Ladder::Account, 100)] {
        let times = (0..199).fold(Vec::new(), |times, n| ladder.with_failure(&times, at(n)));
        assert_eq!((times.len(), times.last()), (most, Some(&at(198))));
    }
}

#[test]
fn a_lock_ends_at_its_second_and_one_set_by_a_clock_that_went_back_is_over() {
    let minute = SignedDuration::from_mins(1);
    for (now, held) in [(-3_600, false), (-2, false), (-1, true), (0, true), (59, true), (60, false), (99, false)] {
        assert_eq!(holds(at(60), minute, at(now)), held, "{now}");
    }
}

#[test]
fn clocks_that_differ_by_seconds_count_the_same_failures() {
    for ladder in [Ladder::Origin, Ladder::Everywhere, Ladder::Account] {
        let alternating = (0..19).map(|n| at(n + if n % 2 == 0 { 20 } else { 0 }));
        let times = alternating.fold(Vec::new(), |times, now| ladder.with_failure(&times, now));
        assert_eq!(times.len(), 19, "{ladder:?}");
    }
}

/// How long so many failures lock.
fn span(ladder: Ladder, failures: usize) -> SignedDuration {
    SignedDuration::from_mins(match (ladder, failures) {
        (Ladder::Everywhere, _) | (Ladder::Account, ..50) => 15,
        (Ladder::Account, ..100) => 60,
        (Ladder::Account, _) => 24 * 60,
        (Ladder::Origin, ..10) => 1,
        (Ladder::Origin, ..15) => 10,
        (Ladder::Origin, ..20) => 15,
        (Ladder::Origin, ..25) => 60,
        (Ladder::Origin, _) => 24 * 60,
    })
}

fn ladders() -> impl Strategy<Value = Ladder> {
    prop_oneof![Just(Ladder::Origin), Just(Ladder::Everywhere), Just(Ladder::Account)]
}

proptest! {
    /// However the clock moves between the attempts.
    #[test]
    fn a_lock_always_ends_and_holds_nobody_for_longer_than_its_span(
        ladder in ladders(),
        moves in prop::collection::vec(prop_oneof![-90_000_i64..90_000, -60_i64..60], 1..300),
    ) {
        let (mut now, mut times) = (at(0), Vec::<Timestamp>::new());
        for secs in moves {
            now += SignedDuration::from_secs(secs);
            let Some(until) = ladder.locked_until(&times, now) else {
                times = ladder.with_failure(&times, now);
                continue;
            };
            let (left, span) = (until.duration_since(now), span(ladder, times.len()));
            prop_assert!(left.is_positive() && left <= span + APART && span <= REMEMBERED);
            prop_assert_eq!(ladder.locked_until(&times, until), None);
            prop_assert_eq!(ladder.locked_until(&times, now - span - APART), None, "it was set later than that");
        }
        let most = if ladder == Ladder::Account { 100 } else { 25 };
        prop_assert!(times.len() <= most);
    }

    #[test]
    fn no_day_lets_more_than_twenty_five_through_or_a_hundred_codes_and_no_quarter_more_than_twenty(
        ladder in ladders(),
        gaps in prop::collection::vec(prop_oneof![0_i64..5, 0_i64..3_000, 0_i64..90_000], 1..300),
    ) {
        let (mut now, mut times, mut let_through) = (at(0), Vec::new(), Vec::new());
        for secs in gaps {
            now += SignedDuration::from_secs(secs);
            if ladder.locked_until(&times, now).is_none() {
                times = ladder.with_failure(&times, now);
                let_through.push(now);
            }
        }
        let (most, within) = match ladder {
            Ladder::Origin => (25, REMEMBERED),
            Ladder::Everywhere => (20, TOGETHER),
            Ladder::Account => (100, REMEMBERED),
        };
        for window in let_through.windows(most + 1) {
            prop_assert!(window[most].duration_since(window[0]) >= within, "{window:?}");
        }
    }
}
