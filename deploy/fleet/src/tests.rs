use std::time::Duration;

use jiff::Timestamp;

use crate::commands::travel::shift;
use crate::commands::{shown, trail};
use crate::place::{Place, replace};
use crate::processes::Alive;
use crate::supervisor::Backoff;
use crate::table::SERVICES;

const DAY: i64 = 86_400_000_000;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The shift in days for a fleet that is 10 days ahead.
fn days(to: &str) -> Option<f64> {
    let (now, fleet) = (at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z"));
    #[expect(clippy::cast_precision_loss, reason = "days of a test")]
    shift(to, now, fleet).ok().map(|shift| shift.as_micros() as f64 / DAY as f64)
}

#[test]
fn travel_reads_dates_steps_and_now() {
    let cases = [
        ("now", Some(0.0)),
        ("2026-01-03T01:00:00+01:00", Some(2.0)),
        ("2025-12-31T00:00:00Z", Some(-1.0)),
        ("2026-07-01T00:00:00+02:00[Europe/Paris]", Some(181.0 - 2.0 / 24.0)),
        ("+36h", Some(11.5)),
        ("-2d", Some(8.0)),
        ("+1w", Some(17.0)),
        ("2026-01-03T01:00:00", None),
        ("someday", None),
        ("36h", None),
        ("+", None),
        ("", None),
    ];
    for (to, expected) in cases {
        let found = days(to);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
            (found, expected) => found == expected,
        };
        assert!(same, "{to}: {found:?}, not {expected:?}");
    }
}

#[test]
fn what_ends_is_started_at_once_then_ever_later_until_it_runs_well() {
    let mut backoff = Backoff::default();
    let mut waits = |ran: u64| backoff.after(Duration::from_secs(ran)).as_millis();
    assert_eq!([waits(60), waits(0), waits(1), waits(0), waits(0)], [0, 250, 500, 1_000, 2_000]);
    assert_eq!([waits(0), waits(0), waits(0), waits(0)], [4_000, 8_000, 10_000, 10_000]);
    assert_eq!([waits(11), waits(0)], [0, 250]);
}

#[test]
fn a_process_is_known_by_its_birth_too() {
    let own = Alive::of(std::process::id()).unwrap();
    assert!(own.still());
    assert!(!Alive { born: own.born + 1, ..own }.still());
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let pid = child.id();
    child.wait().unwrap();
    assert_eq!(Alive::of(pid), None);
}

#[test]
fn a_table_shows_no_password() {
    assert_eq!(shown("postgres://admin:s3cret@127.0.0.1:20001/postgres?a=b"), "postgres://127.0.0.1:20001");
    assert_eq!(shown("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
}

#[test]
fn a_trail_reads_log_lines_and_leaves_the_rest() {
    let line =
        r#"{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","msg":"request answered","request_id":"r","status":200}"#;
    let (time, told) = trail::told("posts", line).unwrap();
    assert_eq!(time, "2026-01-01T00:00:00Z");
    assert_eq!(told, "2026-01-01T00:00:00Z posts          INFO  request answered status=200");
    assert_eq!(trail::told("posts", "no JSON"), None);
}

#[test]
fn files_are_replaced_whole_and_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let file = std::env::temp_dir().join(format!("fleet-test-{}", std::process::id()));
    replace(&file, "one").unwrap();
    replace(&file, "two").unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!((std::fs::read_to_string(&file).unwrap().as_str(), mode & 0o777), ("two", 0o600));
    std::fs::remove_file(file).unwrap();
}

#[test]
fn each_service_has_a_key_that_stays_and_auth_knows_them_all() {
    use std::os::unix::fs::PermissionsExt;
    let dir = std::env::temp_dir().join(format!("fleet-keys-{}", std::process::id()));
    let place = Place::read(&mut settings::Reader::from_pairs([("FLEET_DIR", dir.display().to_string())]));
    place.make().unwrap();
    let (file, key) = place.keep_service_key("posts").unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let known: authn::JwkSet = serde_json::from_str(&place.service_keys().unwrap()).unwrap();
    let names: Vec<&str> = known.keys.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(names, SERVICES.iter().map(|row| row.name).collect::<Vec<_>>());
    let known = authn::ServiceKeys::of(known).unwrap();
    let proof = key.sign("receipt+jwt", &7).unwrap();
    assert_eq!(known.verify::<u8>(&proof, "receipt+jwt").unwrap(), ("posts".to_owned(), 7));
    std::fs::remove_dir_all(dir).unwrap();
}
