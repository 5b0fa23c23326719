//! What an export decides.

use auth::exports::rules::{Phase, Place, Step, Wish, is_file_name, next_look, place, step, wish};
use jiff::{SignedDuration, Timestamp};

const NOW: Timestamp = Timestamp::constant(1_768_296_600, 0);

fn before(secs: i64) -> Timestamp {
    NOW - SignedDuration::from_secs(secs)
}

#[test]
fn a_wish_is_new_the_same_or_too_soon() {
    let day = 24 * 3600;
    for (newest, expected) in [
        (None, Wish::New),
        (Some((Phase::Preparing, before(10))), Wish::Same),
        (Some((Phase::Preparing, before(2 * day))), Wish::Same),
        (Some((Phase::Ready, before(0))), Wish::TooSoon(SignedDuration::from_secs(day))),
        (Some((Phase::Expired, before(day - 1))), Wish::TooSoon(SignedDuration::from_secs(1))),
        (Some((Phase::Expired, before(day))), Wish::New),
        (Some((Phase::Ready, before(-1))), Wish::New),
        (Some((Phase::Failed, before(1))), Wish::New),
    ] {
        assert_eq!(wish(newest, NOW), expected, "{newest:?}");
    }
}

#[test]
fn a_service_is_asked_three_times_and_given_up_after_a_day() {
    let looks = [1, 2, 3, 4].map(|asked| next_look(NOW, asked).duration_since(NOW).as_secs());
    assert_eq!(looks, [900, 3600, 24 * 3600, 24 * 3600]);
    let steps = [1, 2, 3, 4].map(|asked| step(Phase::Preparing, asked));
    assert_eq!(steps, [Step::AskAgain, Step::AskAgain, Step::GiveUp, Step::GiveUp]);
    assert_eq!(step(Phase::Ready, 1), Step::Expire);
    assert_eq!([Phase::Expired, Phase::Failed].map(|phase| step(phase, 1)), [Step::Clear; 2]);
}

#[test]
fn two_answers_are_never_mixed() {
    for (whole, at_hand, answers, expected) in [
        (false, 1, 1, Place::Among),
        (false, 1, 2, Place::Anew),
        (false, 2, 1, Place::Nowhere),
        (true, 1, 1, Place::Nowhere),
        (true, 1, 2, Place::Nowhere),
    ] {
        assert_eq!(place(whole, at_hand, answers), expected, "{whole} {at_hand} {answers}");
    }
}

#[test]
fn a_file_cannot_be_called_out_of_its_folder() {
    for good in ["posts", "failed_logins", "a1"] {
        assert!(is_file_name(good), "{good}");
    }
    for bad in ["", "..", "a/b", "a\\b", "a.json", "Posts", "é", &"a".repeat(41)] {
        assert!(!is_file_name(bad), "{bad}");
    }
}

#[test]
fn an_archive_is_over_when_its_time_has_come() {
    assert_eq!(Phase::Ready.at(Some(before(-1)), NOW), Phase::Ready);
    assert_eq!(Phase::Ready.at(Some(NOW), NOW), Phase::Expired);
    assert_eq!(Phase::Preparing.at(None, NOW), Phase::Preparing);
    for phase in [Phase::Preparing, Phase::Ready, Phase::Expired, Phase::Failed] {
        assert_eq!(Phase::named(phase.name()), Some(phase));
    }
}
