//! What an account may be called, and when a mailed link works.

use auth::accounts::rules::{Dead, Identifier, Link, Purpose, Unfit, address, identifier, line, username, works};
use jiff::{SignedDuration, Timestamp};

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_secs(secs)
}

#[test]
fn an_address_has_one_spelling() {
    for (text, folded) in [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+x@Example.ORG ", "ada.lovelace+x@example.org"),
        ("ａｄａ@example.org", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--bcher-KVA.example", "ada@xn--bcher-kva.example"),
    ] {
        assert_eq!(address(text).as_deref(), Ok(folded), "{text}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    let long_local = format!("{}@example.org", "x".repeat(65));
    let long = format!("{}@{}.org", "x".repeat(60), vec!["y".repeat(60); 4].join("."));
    for text in [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example",
        "ada@@example.org",
        "a da@example.org",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "ada@-example.org",
        "ada@exa_mple.org",
        "ada@127.0.0.1",
        "ada@[::1]",
        "ada@example.org\0",
        "ada@example.org\r\nBcc: eve@example.org",
        "\"ada\"@example.org",
        "аda@example.org",
        "ada@example..org",
        "ada@example.org.",
        &long_local,
        &long,
    ] {
        assert_eq!(address(text), Err(Unfit::NotAnAddress), "{text:?}");
    }
}

#[test]
fn a_name_has_one_spelling_and_one_script() {
    for (text, folded) in [("ada", "ada"), ("Ada.L_1", "ada.l_1"), ("ＡＤＡ", "ada"), (" ada ", "ada")] {
        assert_eq!(username(text).as_deref(), Ok(folded), "{text}");
    }
    for text in ["", "ab", &"x".repeat(51), "a da", "ada!", "ada-x", "ада", "adа", "ada\u{200d}", "İstanbul", "ada@x"]
    {
        assert_eq!(username(text), Err(Unfit::NotAUsername), "{text:?}");
    }
}

#[test]
fn a_line_is_trimmed_composed_and_free_of_what_nobody_sees() {
    assert_eq!(line("  Ada  "), Ok(Some("Ada".into())));
    assert_eq!(line("Ame\u{301}lie"), Ok(Some("Amélie".into())));
    assert_eq!(line(" "), Ok(None));
    assert_eq!(line(&"x".repeat(101)), Err(Unfit::TooLong));
    for hidden in ["a\nb", "a\0", "\u{202e}eve", "a\u{200b}b", "\u{feff}a"] {
        assert_eq!(line(hidden), Err(Unfit::Unprintable), "{hidden:?}");
    }
}

#[test]
fn whoever_logs_in_is_looked_up_as_he_was_kept() {
    assert_eq!(identifier(" Ada@Example.org"), Identifier::Email("ada@example.org".into()));
    assert_eq!(identifier("ada@bücher.example"), Identifier::Email("ada@xn--bcher-kva.example".into()));
    assert_eq!(identifier("ADA"), Identifier::Username("ada".into()));
    assert_eq!(identifier("' OR 1=1 --"), Identifier::Username("' or 1=1 --".into()));
}

#[test]
fn a_link_works_unused_in_time_and_at_the_address_it_is_for() {
    let link = |purpose| Link { purpose, email: "ada@example.org", expires_at: at(60), used: false };
    for purpose in [Purpose::VerifyEmail, Purpose::ResetPassword, Purpose::ChangeEmail] {
        let fresh = link(purpose);
        let used = Link { used: true, ..fresh.clone() };
        assert_eq!(works(&fresh, "ada@example.org", at(59)), Ok(()), "{purpose:?}");
        assert_eq!(works(&fresh, "ada@example.org", at(60)), Err(Dead::Expired), "{purpose:?}");
        assert_eq!(works(&used, "ada@example.org", at(0)), Err(Dead::Invalid), "{purpose:?}");
        assert_eq!(works(&used, "ada@example.org", at(60)), Err(Dead::Invalid), "{purpose:?}: used is not late");
    }
    for purpose in [Purpose::VerifyEmail, Purpose::ResetPassword] {
        assert_eq!(works(&link(purpose), "countess@example.org", at(0)), Err(Dead::Invalid), "{purpose:?}");
    }
    assert_eq!(works(&link(Purpose::ChangeEmail), "countess@example.org", at(0)), Ok(()));
}
