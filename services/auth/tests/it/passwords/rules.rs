//! Which passwords are refused.

use auth::passwords::{Rules, Weak};

const FREQUENT: &str = "# remarks\npassword123\nqwertyuiop\n#hashtag#";

#[track_caller]
fn check(password: &str, expected: Result<(), Weak>) {
    let rules = Rules::new(Some(FREQUENT), true, false);
    assert_eq!(
        rules.check(password, &["ada.lovelace@example.org", "countess", "Ada Lovelace"]),
        expected,
        "{password:?}"
    );
}

#[test]
fn length_is_counted_in_characters() {
    check("1234567", Err(Weak::TooShort));
    check("ééééééé", Err(Weak::TooShort));
    check("sept-7 🐄", Ok(()));
    check(&"é".repeat(128), Ok(()));
    check(&"é".repeat(129), Err(Weak::TooLong));
}

#[test]
fn what_everybody_tries_first_is_refused_in_any_case() {
    for password in ["password123", "PassWord123", " qwertyuiop ", "#hashtag#"] {
        check(password, Err(Weak::Frequent));
    }
    check("remarks and more", Ok(()));
}

#[test]
fn little_more_than_a_name_is_refused_and_a_name_in_a_phrase_is_not() {
    for password in ["lovelace", "Lovelace1", "ada.lovelace", "countess99", "jolmood!", "2026jolmood", "example.org"] {
        check(password, Err(Weak::Obvious));
    }
    for password in ["lovelace rides a horse", "jolmood-is-my-favourite", "sunrise over the sea"] {
        check(password, Ok(()));
    }
}

#[test]
fn bcrypt_takes_72_bytes_and_not_one_more() {
    let rules = Rules::new(None, false, true);
    assert_eq!(rules.check(&"x".repeat(72), &[]), Ok(()));
    assert_eq!(rules.check(&"x".repeat(73), &[]), Err(Weak::TooManyBytes));
    assert_eq!(rules.check(&"é".repeat(37), &[]), Err(Weak::TooManyBytes));
}

#[test]
fn each_list_can_be_switched_off() {
    let rules = Rules::new(None, false, false);
    assert_eq!(rules.check("password123", &["password"]), Ok(()));
    assert_eq!(rules.check("nul\0and more", &[]), Err(Weak::Nul));
}
