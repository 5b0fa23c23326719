//! Where people may be sent back to, and who may exchange a code.

use auth::providers::rules::{Code, Destination, Refused, destination, exchanges, word};
use jiff::Timestamp;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const APP: &str = "https://app.example.org/in";

#[test]
fn an_application_is_sent_back_to_as_it_is_listed_or_not_at_all() {
    let listed = [APP.to_owned()];
    let check = |uri, challenge, method| destination(&listed, uri, challenge, method);
    let fine = Destination { redirect_uri: APP.into(), code_challenge: CHALLENGE.into() };
    for (asked, expected) in [
        ((None, None, None), Ok(None)),
        ((Some(APP), Some(CHALLENGE), None), Ok(Some(fine.clone()))),
        ((Some(APP), Some(CHALLENGE), Some("S256")), Ok(Some(fine))),
        ((Some(APP), Some(CHALLENGE), Some("plain")), Err(Refused::NoChallenge)),
        ((Some(APP), Some(VERIFIER.get(1..).unwrap()), None), Err(Refused::NoChallenge)),
        ((Some(APP), None, None), Err(Refused::NoChallenge)),
        ((None, Some(CHALLENGE), None), Err(Refused::NoChallenge)),
        ((Some("https://app.example.org/in/"), Some(CHALLENGE), None), Err(Refused::NotListed)),
        ((Some(""), Some(CHALLENGE), None), Err(Refused::NotListed)),
    ] {
        let (uri, challenge, method) = asked;
        assert_eq!(check(uri, challenge, method), expected, "{asked:?}");
    }
}

#[test]
fn a_code_is_for_whoever_has_the_verifier_in_time_and_once() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let code = Code { challenge: CHALLENGE, expires_at: at(60), used: false };
    assert!(exchanges(&code, VERIFIER, at(59)));
    assert!(!exchanges(&code, VERIFIER, at(60)));
    assert!(!exchanges(&Code { used: true, ..code }, VERIFIER, at(0)));
    assert!(!exchanges(&code, CHALLENGE, at(0)));
    assert!(!exchanges(&code, "", at(0)));
    let of_nothing = Code { challenge: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", ..code };
    assert!(!exchanges(&of_nothing, "", at(0)), "no verifier is too short to be one");
}

#[test]
fn only_words_of_a_provider_are_told_on() {
    assert_eq!(word("access_denied"), "access_denied");
    for odd in ["<b>", "a b", "é", &"a".repeat(65)] {
        assert_eq!(word(odd), "unknown");
    }
}
