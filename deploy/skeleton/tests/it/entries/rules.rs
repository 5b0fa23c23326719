use skeleton_name::entries::rules::{Blank, text};

#[test]
fn a_text_loses_the_blanks_around_it() {
    let cases = [("a", Ok("a")), (" a b\n", Ok("a b")), ("", Err(Blank)), (" \t\n", Err(Blank))];
    for (given, expected) in cases {
        assert_eq!(text(given), expected.map(str::to_owned), "{given:?}");
    }
}
