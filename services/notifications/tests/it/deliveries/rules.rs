//! The rules of deliveries, as tables of cases.

use contracts::Language::{En, Fr};
use jiff::{SignedDuration, Timestamp};
use notifications::deliveries::rules::*;

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

#[test]
fn pauses_grow_to_two_hours_and_stay() {
    let pauses: Vec<i64> = (1..=6).map(|attempts| pause(attempts).as_mins()).collect();
    assert_eq!(pauses, [1, 5, 30, 120, 120, 120]);
}

#[test]
fn a_mail_is_tried_until_it_is_of_no_use() {
    let in_a_day = NOW + minutes(1440);
    assert_eq!(next_try(NOW, 1, in_a_day), Some(NOW + minutes(1)));
    assert_eq!(next_try(NOW, 4, in_a_day), Some(NOW + minutes(120)));
    assert_eq!(next_try(NOW, 4, NOW + minutes(60)), Some(NOW + minutes(59)), "the last try, before it expires");
    assert_eq!(next_try(NOW, 1, NOW + minutes(2)), Some(NOW + minutes(1)));
    assert_eq!(next_try(NOW, 1, NOW + minutes(1)), None);
    assert_eq!(next_try(NOW, 9, NOW), None);
}

#[test]
fn a_mail_without_an_address_is_looked_at_soon_and_then_seldom() {
    let (in_a_day, soon) = (NOW + minutes(24 * 60), NOW + SignedDuration::from_secs(2));
    assert_eq!(next_look(NOW, 1, in_a_day), Some(soon));
    assert_eq!(next_look(NOW, 5, in_a_day), Some(soon));
    assert_eq!(next_look(NOW, 6, in_a_day), Some(NOW + minutes(1)));
    assert_eq!(next_look(NOW, 9, in_a_day), Some(NOW + minutes(120)));
    assert_eq!(next_look(NOW, 1, soon), None);
}

#[test]
fn the_language_is_the_wishs_then_the_profiles_then_the_accounts() {
    assert_eq!(language(Some(En), Some(Fr), Some(Fr)), En);
    assert_eq!(language(None, Some(En), Some(Fr)), En);
    assert_eq!(language(None, None, Some(En)), En);
    assert_eq!(language(None, None, None), Fr);
}

#[test]
fn a_reader_is_called_by_a_name_that_is_one() {
    let cases = [
        (Some("Ada Lovelace"), Some("ada"), Some("Ada Lovelace")),
        (None, Some("ada"), Some("ada")),
        (Some(" "), Some("ada"), Some("ada")),
        (Some("Jean-Luc St. Pierre"), None, Some("Jean-Luc St. Pierre")),
        (Some("Ada\r\nBcc: all@example.org"), Some("ada"), Some("ada")),
        (Some("Ada\r\n\tLovelace"), None, Some("Ada Lovelace")),
        (Some("Gagnez sur casino.example"), Some("ada"), Some("ada")),
        (Some("http://evil"), None, None),
        (Some("<b>Ada</b>"), None, None),
        (Some("ada@evil"), Some("evil.example"), None),
        (None, None, None),
    ];
    for (full_name, username, expected) in cases {
        assert_eq!(salutation([full_name, username, None]).as_deref(), expected, "{full_name:?} {username:?}");
    }
    assert_eq!(salutation([Some(&"a".repeat(61)), None, Some("Ada")]).as_deref(), Some("Ada"));
}

#[test]
fn a_header_is_one_line() {
    assert_eq!(single_line(" a\r\nBcc: b\u{2028}c\0d\u{85}e\t f "), "a Bcc: b c d e f");
}

#[test]
fn an_address_is_masked() {
    let cases = [("ada@example.org", "a***@example.org"), ("é@b", "é***@b"), ("@x", "****@x"), ("nobody", "***")];
    for (address, expected) in cases {
        assert_eq!(masked(address), expected);
    }
}
