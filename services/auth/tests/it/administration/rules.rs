//! What administrators may look for, and who counts as one.

use auth::accounts::rules::Unfit;
use auth::administration::rules::{administers, beginning, fit, pattern, words};
use contracts::{Role, Roles};

fn roles(all: &[Role]) -> Roles {
    all.iter().copied().collect()
}

#[test]
fn a_beginning_has_one_spelling_or_is_refused() {
    for (text, expected) in [
        ("", Ok(None)),
        ("   ", Ok(None)),
        (" ADA@Example.ORG ", Ok(Some("ada@example.org"))),
        ("ａｄａ", Ok(Some("ada"))),
        ("a b", Err(Unfit::Unprintable)),
        ("a\0", Err(Unfit::Unprintable)),
        ("a\u{200B}", Err(Unfit::Unprintable)),
    ] {
        assert_eq!(beginning(text), expected.map(|text: Option<&str>| text.map(str::to_owned)), "{text:?}");
    }
}

#[test]
fn a_pattern_means_what_was_typed() {
    for (text, expected) in [("ada", "ada%"), ("a_b", "a\\_b%"), ("100%", "100\\%%"), ("\\", "\\\\%")] {
        assert_eq!(pattern(text), expected);
    }
}

#[test]
fn a_reason_can_be_read() {
    assert_eq!(words("  Deux\nlignes. "), Ok("Deux\nlignes.".into()));
    for text in ["", " ", "\u{200B}", "a\u{202E}b", "a\0b", "a\tb"] {
        assert_eq!(words(text), Err(Unfit::Unprintable), "{text:?}");
    }
}

#[test]
fn an_administrator_is_one_who_can_enter() {
    let admin = roles(&[Role::User, Role::Admin]);
    assert!(administers(admin, true, true));
    assert!(!administers(admin, false, true) && !administers(admin, true, false));
    assert!(!administers(roles(&[Role::User, Role::Coach]), true, true));
}

#[test]
fn whatever_an_account_is_it_is_a_user() {
    assert_eq!(fit(Roles::default()), None);
    assert_eq!(fit(roles(&[Role::Admin])), Some(roles(&[Role::User, Role::Admin])));
}
