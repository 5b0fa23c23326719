#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::{SignedDuration, Timestamp};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_fixed_clock_stands_still_until_it_is_moved() {
    let clock = Clock::fixed(at("2026-03-29T00:30:00Z"));
    assert_eq!(clock.now(), at("2026-03-29T00:30:00Z"));
    clock.advance(SignedDuration::from_hours(36));
    assert_eq!(clock.now(), at("2026-03-30T12:30:00Z"));
    clock.set(at("2026-01-01T00:00:00Z"));
    assert_eq!(clock.now(), at("2026-01-01T00:00:00Z"));
}

#[test]
fn a_travelling_clock_follows_its_file_when_told_to() {
    let file = std::env::temp_dir().join(format!("clock-test-{}", std::process::id()));
    let clock = Clock::travelling(file.clone()).unwrap();
    assert_eq!(clock.shift(), Shift::default());
    Shift::from_micros(3_600_000_000).write(&file).unwrap();
    assert_eq!(clock.shift(), Shift::default(), "only reload reads the file");
    assert_eq!(clock.reload().unwrap(), Shift::from_micros(3_600_000_000));
    let ahead = clock.now().duration_since(Clock::system().now());
    assert!(ahead > SignedDuration::from_mins(59) && ahead < SignedDuration::from_mins(61), "{ahead}");
    std::fs::write(&file, "soon").unwrap();
    assert!(clock.reload().is_err());
    assert_eq!(clock.shift(), Shift::from_micros(3_600_000_000), "a bad file changes nothing");
    std::fs::remove_file(file).unwrap();
}

#[test]
fn now_is_whole_microseconds() {
    assert_eq!(Clock::system().now().as_nanosecond() % 1_000, 0);
}

#[test]
fn a_span_holds_only_from_its_start_to_its_end() {
    let (start, len) = (at("2026-01-01T00:00:00Z"), SignedDuration::from_secs(60));
    assert!(!is_within(at("2025-12-31T23:59:59Z"), start, len), "the clock travelled back");
    assert!(is_within(start, start, len));
    assert!(is_within(at("2026-01-01T00:00:59Z"), start, len));
    assert!(!is_within(at("2026-01-01T00:01:00Z"), start, len));
}

#[test]
fn a_date_further_ahead_than_it_can_be_is_due() {
    let (now, longest) = (at("2026-01-01T00:00:00Z"), SignedDuration::from_mins(5));
    assert!(is_due(now, at("2025-12-31T00:00:00Z"), longest));
    assert!(!is_due(now, at("2026-01-01T00:05:00Z"), longest));
    assert!(is_due(now, at("2026-01-01T00:05:01Z"), longest));
}

#[test]
fn zones_are_exact_iana_names() {
    assert!(zone("Europe/Paris").is_ok());
    for wrong in ["europe/paris", "Paris", "CEST", "", "../etc/passwd", "Europe/Paris\0"] {
        assert_eq!(zone(wrong).err(), Some(UnknownZone), "{wrong:?}");
    }
}
