//! What a refresh token that is shown means.

use auth::sessions::rules::{Meaning, Shown, meaning, refresh_expiry};
use jiff::{SignedDuration, Timestamp};

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_secs(secs)
}

#[track_caller]
fn check(shown: Shown, now: i64, expected: Meaning) {
    assert_eq!(meaning(&shown, at(now)), expected, "{shown:?} at {now}");
}

#[test]
fn a_token_is_used_once_repeated_for_ten_seconds_and_then_stolen() {
    let fresh = Shown { session_ended: false, session_expires_at: at(1000), expires_at: at(100), used_at: None };
    check(fresh, 0, Meaning::First);
    check(fresh, 99, Meaning::First);
    check(fresh, 100, Meaning::Dead);
    check(fresh, -1000, Meaning::First);
    let used = Shown { used_at: Some(at(10)), ..fresh };
    check(used, 10, Meaning::Again);
    check(used, 19, Meaning::Again);
    check(used, 20, Meaning::Stolen);
    check(used, 9, Meaning::Stolen);
    check(used, 100, Meaning::Dead);
    check(Shown { session_ended: true, ..fresh }, 0, Meaning::Dead);
    check(Shown { session_ended: true, ..used }, 10, Meaning::Dead);
    check(Shown { session_expires_at: at(50), ..fresh }, 50, Meaning::Dead);
}

#[test]
fn a_token_never_outlives_its_session() {
    assert_eq!(refresh_expiry(at(0), at(3600)), at(3600));
    assert_eq!(refresh_expiry(at(0), at(30 * 86_400)), at(7 * 86_400));
}
