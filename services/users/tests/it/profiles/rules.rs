//! The rules of profiles, as tables of cases.

use contracts::Language;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use users::profiles::preferences::{PREFERENCES_MAX_BYTES, Preferences};
use users::profiles::rules::*;

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn ada() -> Profile {
    Profile {
        username: Some("ada".into()),
        full_name: Some("Ada Lovelace".into()),
        bio: Some("Machines".into()),
        profile_picture_url: Some("https://pictures.example.org/ada.png".into()),
        avatar_media_id: None,
        preferences: Preferences::stored(json!({ "language": "en", "theme": "dark" })),
        timezone_changed_at: None,
    }
}

fn with(change: Change) -> Result<Profile, Vec<Fault>> {
    changed(&ada(), change, NOW)
}

#[track_caller]
fn refused(change: Change, pointer: &'static str, wrong: Wrong) {
    assert_eq!(with(change), Err(vec![Fault::at(pointer, wrong)]));
}

#[test]
fn nothing_mentioned_changes_nothing() {
    assert_eq!(with(Change::default()), Ok(ada()));
}

#[test]
fn null_empties_and_a_value_replaces() {
    let change = Change { full_name: Field::Clear, bio: Field::Set("  Notes\r\nG  ".into()), ..Change::default() };
    let expected = Profile { full_name: None, bio: Some("Notes\nG".into()), ..ada() };
    assert_eq!(with(change), Ok(expected));
}

#[test]
fn a_text_of_spaces_is_no_text() {
    let change = Change { full_name: Field::Set(" \t ".into()), ..Change::default() };
    assert_eq!(with(change).unwrap().full_name, None);
}

#[test]
fn texts_are_spelled_one_way() {
    let change = Change { full_name: Field::Set("Ame\u{301}lie".into()), ..Change::default() };
    assert_eq!(with(change).unwrap().full_name.as_deref(), Some("Am\u{e9}lie"));
}

#[test]
fn texts_have_a_longest_length() {
    let long = |n: usize| Field::Set("é".repeat(n));
    assert!(with(Change { full_name: long(100), bio: long(2000), ..Change::default() }).is_ok());
    refused(Change { full_name: long(101), ..Change::default() }, "/full_name", Wrong::TooLong(100));
    refused(Change { bio: long(2001), ..Change::default() }, "/bio", Wrong::TooLong(2000));
    let url = format!("https://example.org/{}", "a".repeat(481));
    let picture = Change { profile_picture_url: Field::Set(url), ..Change::default() };
    refused(picture, "/profile_picture_url", Wrong::TooLong(500));
}

#[test]
fn characters_that_deceive_are_refused() {
    for name in ["a\0b", "Ada\nLovelace", "\u{202E}adA", "A\u{2066}B", "\u{7}"] {
        let change = Change { full_name: Field::Set(name.into()), ..Change::default() };
        refused(change, "/full_name", Wrong::Unprintable);
    }
    refused(Change { bio: Field::Set("a\0".into()), ..Change::default() }, "/bio", Wrong::Unprintable);
}

#[test]
fn usernames_are_folded_or_refused() {
    let cases = [
        ("ada", Ok("ada")),
        ("Ada.Lovelace_1", Ok("ada.lovelace_1")),
        ("ab", Err(Wrong::NotAUsername)),
        ("ada lovelace", Err(Wrong::NotAUsername)),
        ("adа", Err(Wrong::NotAUsername)), // the last letter is Cyrillic
        ("ａｄａ", Err(Wrong::NotAUsername)),
        ("ad\u{200B}a", Err(Wrong::NotAUsername)),
        ("İda", Err(Wrong::NotAUsername)), // its lower case is two characters
        ("ada-", Err(Wrong::NotAUsername)),
        ("", Err(Wrong::NotAUsername)),
    ];
    for (name, expected) in cases {
        assert_eq!(fold_username(name), expected.map(str::to_owned), "{name}");
    }
    assert!(fold_username(&"a".repeat(50)).is_ok());
    assert_eq!(fold_username(&"a".repeat(51)), Err(Wrong::NotAUsername));
}

#[test]
fn a_username_is_changed_but_not_taken_away() {
    refused(Change { username: Field::Clear, ..Change::default() }, "/username", Wrong::UsernameStays);
    let nobody = Profile::default();
    let still_none = changed(&nobody, Change { username: Field::Clear, ..Change::default() }, NOW);
    assert_eq!(still_none, Ok(nobody));
}

#[test]
fn pictures_are_on_public_hosts_over_https() {
    let good =
        ["https://example.org/a.png", "https://lh3.googleusercontent.com/a/x=s96-c", "https://bücher.example/é.png"];
    let bad = [
        "http://example.org/a.png",
        "ftp://example.org/a",
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "//example.org/a.png",
        "example.org/a.png",
        "https://localhost/a.png",
        "https://localhost./a.png",
        "https://127.0.0.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://[::1]/a.png",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest",
        "https://ada:secret@example.org/a.png",
        "https://ada@example.org/a.png",
    ];
    let set = |url: &str| with(Change { profile_picture_url: Field::Set(url.into()), ..Change::default() });
    for url in good {
        assert!(set(url).is_ok(), "{url}");
    }
    for url in bad {
        assert_eq!(set(url), Err(vec![Fault::at("/profile_picture_url", Wrong::NotAPublicHttpsUrl)]), "{url}");
    }
}

#[test]
fn a_picture_in_media_cannot_be_named_yet() {
    let avatar = Change { avatar_media_id: Field::Set(uuid::Uuid::nil()), ..Change::default() };
    refused(avatar, "/avatar_media_id", Wrong::NoSuchMedia);
    assert!(with(Change { avatar_media_id: Field::Clear, ..Change::default() }).is_ok());
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let change = Change {
        username: Field::Set("é".into()),
        full_name: Field::Set("\0".into()),
        preferences: NewPreferences::Merge(object(json!({ "language": "de", "timezone": "Mars" }))),
        ..Change::default()
    };
    let pointers: Vec<String> = with(change).unwrap_err().into_iter().map(|fault| fault.pointer.into_owned()).collect();
    assert_eq!(pointers, ["/username", "/full_name", "/preferences/language", "/preferences/timezone"]);
}

#[test]
fn preferences_are_replaced_or_merged() {
    let new = object(json!({ "timezone": "America/Toronto" }));
    let replaced = with(Change { preferences: NewPreferences::Replace(new.clone()), ..Change::default() }).unwrap();
    assert_eq!(replaced.preferences.to_stored(), json!({ "timezone": "America/Toronto" }));
    let merged = with(Change { preferences: NewPreferences::Merge(new), ..Change::default() }).unwrap();
    let all = json!({ "language": "en", "theme": "dark", "timezone": "America/Toronto" });
    assert_eq!(merged.preferences.to_stored(), all);
    let nulls = object(json!({ "language": null, "theme": null, "unknown": null }));
    let emptied = with(Change { preferences: NewPreferences::Merge(nulls), ..Change::default() }).unwrap();
    assert_eq!(emptied.preferences.to_stored(), json!({}));
}

/// The examples of RFC 7396, appendix A, that are objects.
#[test]
fn merging_is_that_of_rfc_7396() {
    let cases = [
        (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
        (json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" })),
        (json!({ "a": "b" }), json!({ "a": null }), json!({})),
        (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
        (json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" })),
        (json!({ "a": "c" }), json!({ "a": ["b"] }), json!({ "a": ["b"] })),
        (json!({ "a": { "b": "c" } }), json!({ "a": { "b": "d", "c": null } }), json!({ "a": { "b": "d" } })),
        (json!({ "a": [{ "b": "c" }] }), json!({ "a": [1] }), json!({ "a": [1] })),
        (json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 })),
        (json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
    ];
    for (before, patch, after) in cases {
        assert_eq!(Preferences::stored(before).merged(object(patch)).to_stored(), after);
    }
}

#[test]
fn known_preferences_are_checked() {
    let cases = [
        (json!({ "language": "de" }), "/preferences/language", Wrong::NotALanguage),
        (json!({ "language": 1 }), "/preferences/language", Wrong::NotALanguage),
        (json!({ "timezone": "Europe/Pariss" }), "/preferences/timezone", Wrong::NotAZone),
        (json!({ "timezone": "europe/paris" }), "/preferences/timezone", Wrong::NotAZone),
        (json!({ "timezone": "CEST" }), "/preferences/timezone", Wrong::NotAZone),
        (json!({ "timezone": "+02:00" }), "/preferences/timezone", Wrong::NotAZone),
        (json!({ "timezone": "../etc/passwd" }), "/preferences/timezone", Wrong::NotAZone),
        (json!({ "day_start_hour": 7 }), "/preferences/day_start_hour", Wrong::NotADayStart),
        (json!({ "day_start_hour": -1 }), "/preferences/day_start_hour", Wrong::NotADayStart),
        (json!({ "day_start_hour": 1.5 }), "/preferences/day_start_hour", Wrong::NotADayStart),
        (json!({ "notifications": true }), "/preferences/notifications", Wrong::NotAnObject),
        (json!({ "notifications": { "email": "no" } }), "/preferences/notifications/email", Wrong::NotASwitch),
        (json!({ "theme": ["a", { "b": "c\u{0}" }] }), "/preferences", Wrong::Unprintable),
        (json!({ "a\u{0}": 1 }), "/preferences", Wrong::Unprintable),
    ];
    for (chosen, pointer, wrong) in cases {
        assert_eq!(Preferences::stored(chosen.clone()).faults(), [Fault::at(pointer, wrong)], "{chosen}");
    }
    let fine = json!({
        "language": "en", "timezone": "Pacific/Kiritimati", "day_start_hour": 6,
        "notifications": { "email": false, "sms": "later" }, "theme": { "dark": true },
    });
    assert_eq!(Preferences::stored(fine).faults(), []);
}

#[test]
fn preferences_have_a_largest_size() {
    let of_bytes = |bytes: usize| Preferences::stored(json!({ "a": "x".repeat(bytes - r#"{"a":""}"#.len()) })).faults();
    assert_eq!(of_bytes(PREFERENCES_MAX_BYTES), []);
    let too_large = Fault::at("/preferences", Wrong::TooLarge(PREFERENCES_MAX_BYTES));
    assert_eq!(of_bytes(PREFERENCES_MAX_BYTES + 1), [too_large]);
}

#[test]
fn defaults_are_shown_and_not_stored() {
    let none = Preferences::default();
    assert_eq!(none.to_stored(), json!({}));
    let shown = json!({
        "language": "fr", "timezone": "Europe/Paris", "day_start_hour": 0,
        "notifications": { "email": true, "push": true, "ws": true },
    });
    assert_eq!(none.view(), shown);
    let some = Preferences::stored(json!({ "notifications": { "push": false, "sms": 1 }, "theme": "dark" })).view();
    assert_eq!(some["notifications"], json!({ "email": true, "push": false, "ws": true, "sms": 1 }));
    assert_eq!(some["theme"], "dark");
}

#[test]
fn a_change_of_zone_is_dated() {
    let zone = |name: &str| Change {
        preferences: NewPreferences::Merge(object(json!({ "timezone": name }))),
        ..Change::default()
    };
    assert_eq!(with(zone("Asia/Tokyo")).unwrap().timezone_changed_at, Some(NOW));
    assert_eq!(with(zone("Europe/Paris")).unwrap().timezone_changed_at, None, "the default, now chosen");
}

fn facts() -> Facts {
    Facts {
        username: Some("countess".into()),
        full_name: Some("Augusta Ada King".into()),
        picture_url: Some("https://example.org/king.png".into()),
        locale: Language::En,
    }
}

#[test]
fn events_fill_what_is_empty_alone() {
    let filled_whole = filled(&Profile::default(), &facts(), Fill::Empty);
    assert_eq!(filled_whole.full_name.as_deref(), Some("Augusta Ada King"));
    assert_eq!(filled_whole.profile_picture_url.as_deref(), Some("https://example.org/king.png"));
    assert_eq!(filled_whole.preferences.language(), Language::En);
    let written = Profile { preferences: Preferences::stored(json!({ "language": "fr" })), ..ada() };
    let kept = filled(&written, &facts(), Fill::Empty);
    assert_eq!(kept, Profile { username: Some("countess".into()), ..written });
}

#[test]
fn after_the_owner_has_seen_it_events_bring_the_username_alone() {
    let emptied = Profile { full_name: None, profile_picture_url: None, ..ada() };
    let after = filled(&emptied, &facts(), Fill::UsernameAlone);
    assert_eq!(after, Profile { username: Some("countess".into()), ..emptied });
}

#[test]
fn facts_that_do_not_fit_are_left_out() {
    let odd = Facts {
        username: Some("x".repeat(51)),
        full_name: Some("a\u{202E}b".into()),
        picture_url: Some("http://127.0.0.1/".into()),
        locale: Language::Fr,
    };
    let after = filled(&Profile::default(), &odd, Fill::Empty);
    assert_eq!((after.username, after.full_name, after.profile_picture_url), (None, None, None));
}

#[test]
fn the_newer_fact_about_a_username_wins() {
    let hour = SignedDuration::from_hours(1);
    let (earlier, later) = (NOW - hour, NOW + hour);
    assert!(is_newer(NOW, None, NOW));
    assert!(is_newer(NOW, Some(NOW), NOW));
    assert!(is_newer(NOW, Some(earlier), NOW));
    assert!(!is_newer(earlier, Some(NOW), NOW));
    assert!(is_newer(earlier, Some(later), NOW), "dated before the clock travelled back");
}
