//! What codes are.

use auth::factors::rules::{Shown, grouped, is_new, may_confirm, read, recovery_code, step_of, typed, uri};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use totp_rs::Totp;

use super::code;

const SECRET: &[u8; 20] = b"twenty bytes of one!";

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_secs(secs)
}

#[test]
fn a_code_is_good_for_its_own_half_minute_and_those_beside_it() {
    let typed = typed(SECRET);
    let own = at(0).as_second() / 30;
    for (shown_at, now, step) in [
        (0, 0, Some(own)),
        (29, 0, Some(own)),
        (0, 59, Some(own)),
        (0, 60, None),
        (30, 0, Some(own + 1)),
        (60, 0, None),
        (-30, 0, Some(own - 1)),
        (-31, 0, None),
    ] {
        let shown = code(&typed, at(shown_at));
        assert_eq!(step_of(SECRET, &shown, at(now)), step, "shown at {shown_at}, looked at {now}");
    }
    for wrong in ["", "12345", "1234567", "abcdef", "+12345", "１２３４５６"] {
        assert_eq!(step_of(SECRET, wrong, at(0)), None, "{wrong:?}");
    }
}

#[test]
fn an_accepted_step_and_those_before_it_are_over_but_for_a_clock_that_went_back() {
    let own = at(0).as_second() / 30;
    for (step, last, new) in [
        (own, 0, true),
        (own, own - 1, true),
        (own, own, false),
        (own - 1, own, false),
        (own + 1, own, true),
        (own + 1, own + 1, false),
        (own + 1, own + 2, false),
        (own, own + 3, true),
        (own, own + 100_000, true),
    ] {
        assert_eq!(is_new(step, last, at(0)), new, "{step} after {last}");
    }
}

#[test]
fn an_app_reads_the_same_secret_from_the_picture() {
    let uri = uri(SECRET, "ada+1@example.org").unwrap();
    assert!(uri.starts_with("otpauth://totp/Jolmood:ada%2B1%40example.org?"), "{uri}");
    let app = Totp::from_url(&uri).unwrap();
    assert_eq!((app.issuer(), app.account_name()), (Some("Jolmood"), "ada+1@example.org"));
    assert_eq!(app.generate(59).to_string(), code(&typed(SECRET), Timestamp::constant(59, 0)));
}

#[test]
fn an_app_may_be_confirmed_for_ten_minutes() {
    for (secs, may) in [(0, true), (599, true), (600, false), (-1, false)] {
        assert_eq!(may_confirm(at(0), at(secs)), may, "{secs}");
    }
}

#[test]
fn a_text_is_read_as_what_it_can_be() {
    let totp = |code: &str| Some(Shown::Totp(code.into()));
    let recovery = |code: &str| Some(Shown::Recovery(code.into()));
    for (text, expected) in [
        ("123456", totp("123456")),
        (" 123 456\n", totp("123456")),
        ("0123-4567-89AB-CDEF", recovery("0123456789ABCDEF")),
        ("o123 4567 89ab cdef", recovery("0123456789ABCDEF")),
        ("0I23-4567-89AB-CDEL", recovery("0123456789ABCDE1")),
        ("", None),
        ("12345", None),
        ("１２３４５６", None),
        ("0123-4567-89AB-CDE", None),
        ("0123-4567-89AB-CDEF-0", None),
        ("0123-4567-89AB-CDEU", None),
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_recovery_code_is_read_as_it_was_shown(bytes: [u8; 10], other: [u8; 10]) {
        let code = recovery_code(&bytes);
        prop_assert_eq!(read(&grouped(&code)), Some(Shown::Recovery(code.clone())));
        prop_assert_eq!(read(&grouped(&code).to_lowercase()), Some(Shown::Recovery(code.clone())));
        prop_assert_eq!(bytes == other, code == recovery_code(&other));
    }
}
