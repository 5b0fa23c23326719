use jiff::Timestamp;
use posts::jobs::rules::last_due;

#[test]
fn work_is_due_at_three_in_the_morning() {
    let table = [
        ("2026-03-29T03:00:00Z", "2026-03-29T03:00:00Z"),
        ("2026-03-29T02:59:59.999999Z", "2026-03-28T03:00:00Z"),
        ("2026-03-29T23:59:59Z", "2026-03-29T03:00:00Z"),
        ("2026-03-30T00:00:00.5Z", "2026-03-29T03:00:00Z"),
        ("1969-12-31T01:00:00Z", "1969-12-30T03:00:00Z"),
    ];
    for (now, expected) in table {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(last_due(at(now)), at(expected), "{now}");
    }
}
