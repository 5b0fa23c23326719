use jiff::SignedDuration;

use super::queries::{LONGEST_WAIT, wait_after};

#[test]
fn a_refused_event_waits_from_one_second_to_five_minutes() {
    let waits: Vec<i64> = [0, 1, 2, 3, 8, 9, 100, i32::MAX].map(|n| wait_after(n).as_secs()).into();
    assert_eq!(waits, [1, 2, 4, 8, 256, 300, 300, 300]);
    assert_eq!(wait_after(-1), SignedDuration::from_secs(1));
    assert_eq!(wait_after(9), LONGEST_WAIT);
}
