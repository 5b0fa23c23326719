//! What passkeys decide.

use auth::accounts::rules::Unfit;
use auth::passkeys::rules::{Ways, methods, name};

#[test]
fn a_passkey_can_be_spared_where_there_is_another_way_in() {
    let cases = [
        ((false, 0, 1), false),
        ((true, 0, 1), true),
        ((false, 1, 1), true),
        ((false, 0, 2), true),
        ((true, 2, 20), true),
    ];
    for ((password, identities, passkeys), expected) in cases {
        let ways = Ways { password, identities, passkeys };
        assert_eq!(ways.can_spare_a_passkey(), expected, "{ways:?}");
    }
}

#[test]
fn a_name_is_a_line_that_can_be_seen() {
    assert_eq!(name("  Clé bleue "), Ok("Clé bleue".into()));
    assert_eq!(name(&"x".repeat(100)), Ok("x".repeat(100)));
    assert_eq!(name(&"x".repeat(101)), Err(Unfit::TooLong));
    for hidden in ["", "  ", "a\nb", "\u{202e}eman"] {
        assert_eq!(name(hidden), Err(Unfit::Unprintable), "{hidden:?}");
    }
}

#[test]
fn a_passkey_is_two_factors_whether_its_key_may_leave_the_device_or_not() {
    assert_eq!(methods(false), ["hwk", "user", "mfa"]);
    assert_eq!(methods(true), ["swk", "user", "mfa"]);
}
