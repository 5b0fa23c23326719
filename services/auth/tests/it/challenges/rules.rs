//! How long a challenge is good, and for how many tries.

use auth::challenges::rules::{Posed, is_open};
use jiff::{SignedDuration, Timestamp};

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_secs(secs)
}

#[test]
fn it_is_good_for_five_minutes_five_tries_and_one_session_of_the_same_account() {
    let posed = Posed { at: at(0), used: false, tries: 0, same_account: true };
    for (posed, now, open) in [
        (posed, 0, true),
        (posed, -1, true),
        (posed, -2, false),
        (posed, 299, true),
        (posed, 300, false),
        (Posed { tries: 4, ..posed }, 0, true),
        (Posed { tries: 5, ..posed }, 0, false),
        (Posed { used: true, ..posed }, 0, false),
        (Posed { same_account: false, ..posed }, 0, false),
    ] {
        assert_eq!(is_open(&posed, at(now)), open, "{posed:?} at {now}");
    }
}
