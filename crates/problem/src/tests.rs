use serde_json::{Value, json};

use super::*;

fn rendered(problem: &Problem, language: Language) -> Value {
    serde_json::from_slice(&problem.render(language, "r-1", "/api/v1/posts").body).unwrap()
}

#[test]
fn a_problem_reads_in_both_languages() {
    let problem = Problem::new(&codes::TOO_LARGE).with("limit", 65536).member("login_url", "/login");
    assert_eq!(
        rendered(&problem, Language::Fr),
        json!({
            "type": "/problems/too-large", "title": "Requête trop volumineuse", "status": 413,
            "detail": "Le corps de la requête dépasse 65536 octets.", "instance": "/api/v1/posts",
            "code": "too_large", "request_id": "r-1", "login_url": "/login",
        })
    );
    assert_eq!(rendered(&problem, Language::En)["detail"], "The request body is over 65536 bytes.");
}

#[test]
fn field_errors_are_listed_with_their_pointers() {
    let too_long =
        FieldError::new("/body", "too_long", Text::new("Au plus {max} caractères.", "At most {max} characters."));
    let problem = Problem::new(&codes::INVALID).field(too_long.with("max", 10));
    assert_eq!(
        rendered(&problem, Language::En)["errors"],
        json!([{ "pointer": "/body", "code": "too_long", "detail": "At most 10 characters." }])
    );
}

#[test]
fn the_cause_is_told_to_the_log_and_never_to_the_caller() {
    let problem = Problem::new(&codes::INTERNAL).because("relation \"posts\" does not exist");
    assert!(problem.to_string().contains("relation"));
    assert!(!rendered(&problem, Language::En).to_string().contains("relation"));
}

#[test]
fn a_member_cannot_replace_what_every_problem_has() {
    let problem = Problem::new(&codes::NOT_FOUND).member("status", 200);
    assert_eq!(rendered(&problem, Language::En)["status"], 404);
}

#[test]
fn a_value_is_never_filled_in_twice() {
    let problem = Problem::new(&codes::METHOD_NOT_ALLOWED).with("allow", "{allow}{x");
    assert_eq!(rendered(&problem, Language::En)["detail"], "This address accepts only: {allow}{x.");
}

#[test]
fn the_language_is_the_callers_best_and_french_otherwise() {
    let cases: &[(Option<&str>, Language)] = &[
        (None, Language::Fr),
        (Some(""), Language::Fr),
        (Some("de"), Language::Fr),
        (Some("en"), Language::En),
        (Some("en-GB,fr;q=0.5"), Language::En),
        (Some("fr;q=0.4, en;q=0.8"), Language::En),
        (Some("fr, en"), Language::Fr),
        (Some("en, fr"), Language::En),
        (Some("en;q=0"), Language::Fr),
        (Some("en;q=x, fr;q=0.1"), Language::Fr),
        (Some("../../etc/passwd"), Language::Fr),
    ];
    for (header, expected) in cases {
        assert_eq!(Language::negotiate(*header), *expected, "{header:?}");
    }
    assert_eq!(Language::negotiate(Some(&"en,".repeat(4_000))), Language::Fr, "10 KiB of languages are not read");
}

#[test]
fn codes_are_unique_words_and_have_both_texts() {
    let mut seen = std::collections::BTreeSet::new();
    for code in codes::ALL.iter().copied().chain([&codes::QUOTA_EXCEEDED]) {
        assert!(seen.insert(code.code), "{} twice", code.code);
        assert!(code.code.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        assert!((400..600).contains(&code.status));
        for text in [code.title, code.detail] {
            assert!(!text.fr.is_empty() && !text.en.is_empty());
        }
    }
}

#[test]
fn every_401_says_how_to_authenticate() {
    let challenges = |problem: &Problem| {
        let headers = problem.render(Language::En, "r-1", "/").headers;
        headers.into_iter().filter(|(name, _)| *name == "www-authenticate").map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(challenges(&Problem::new(&codes::UNAUTHENTICATED)), ["Bearer"]);
    let own = Problem::new(&codes::TOKEN_EXPIRED).header("www-authenticate", "Bearer error=\"invalid_token\"");
    assert_eq!(challenges(&own), ["Bearer error=\"invalid_token\""]);
    assert!(challenges(&Problem::new(&codes::FORBIDDEN)).is_empty());
}
