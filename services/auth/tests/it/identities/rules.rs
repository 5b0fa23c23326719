//! What becomes of somebody whom a provider vouches for.

use auth::identities::rules::{Left, Verdict, is_last, picture, verdict};

#[test]
fn only_what_both_sides_had_proven_is_attached_unasked() {
    for (there, here, expected) in [
        (true, None, Verdict::Enrol),
        (true, Some(true), Verdict::Attach),
        (true, Some(false), Verdict::Confirm),
        (false, None, Verdict::Confirm),
        (false, Some(true), Verdict::Confirm),
        (false, Some(false), Verdict::Confirm),
    ] {
        assert_eq!(verdict(there, here), expected, "proven there: {there}, here: {here:?}");
    }
}

#[test]
fn an_account_keeps_one_way_in() {
    let none = Left { password: false, passkeys: 0, identities: 0 };
    assert!(is_last(&none));
    for left in [Left { password: true, ..none }, Left { passkeys: 1, ..none }, Left { identities: 1, ..none }] {
        assert!(!is_last(&left), "{left:?}");
    }
}

#[test]
fn a_picture_is_loaded_safely_by_everybody() {
    let longest = format!("https://x.example/{}", "a".repeat(482));
    for fine in ["https://lh3.googleusercontent.com/a/x=s96-c", longest.as_str()] {
        assert_eq!(picture(fine), Some(fine));
    }
    for odd in [
        "http://x.example/a.png",
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "https://",
        "",
        &format!("{longest}a"),
    ] {
        assert_eq!(picture(odd), None, "{odd}");
    }
}
