//! What mails say, in both languages.

use std::collections::BTreeMap;

use contracts::Language::{self, En, Fr};
use notifications::mail::{Said, Template, Templates};

const HOME: &str = "https://jolmood.example/";
const LINK: &str = "https://jolmood.example/api/v1/auth/verify-email?token=t0k-en_&a=b";

fn say(template: Template, language: Language, name: Option<&str>) -> Said {
    let words = [
        ("link", LINK),
        ("device", "Firefox, Linux"),
        ("network", "203.0.113.0/24"),
        ("when", "2026-01-13 10:30 CET"),
        ("until", "2026-01-13 10:45 CET"),
        ("left", "7"),
        ("roles", "user, coach"),
        ("provider", "Google"),
    ];
    let params: BTreeMap<_, _> = words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect();
    Templates::read().unwrap().say(template, language, HOME, name, &params).unwrap()
}

fn whole(said: &Said) -> String {
    format!("{}\n\n----\n{}\n----\n{}", said.subject, said.text, said.html)
}

#[test]
fn every_mail_in_every_language_reads_as_agreed() {
    for &template in Template::ALL {
        for language in [Fr, En] {
            let name = format!("{}.{}", template.name(), language.tag());
            insta::assert_snapshot!(name, whole(&say(template, language, Some("Ada Lovelace"))));
        }
    }
}

#[test]
fn nobody_is_greeted_by_no_name() {
    assert!(say(Template::Welcome, Fr, None).text.starts_with("Bonjour,\n"));
    assert_eq!(say(Template::Welcome, En, None).subject, "Welcome to Jolmood");
}

#[test]
fn html_in_a_value_is_text() {
    let said = say(Template::Welcome, En, Some("<script>alert('1')</script> & co"));
    assert!(!said.html.contains("<script"), "{}", said.html);
    assert!(said.html.contains("&lt;script&gt;"), "{}", said.html);
    assert!(said.text.contains("<script>"), "plain text needs no escaping");
    let link = BTreeMap::from([("link".to_owned(), "https://x/\"onmouseover=\"alert(1)".to_owned())]);
    let said = Templates::read().unwrap().say(Template::VerifyEmail, Fr, HOME, None, &link).unwrap();
    assert!(!said.html.contains("\"onmouseover"), "{}", said.html);
}

#[test]
fn a_value_is_never_a_template() {
    let said = say(Template::Welcome, Fr, Some("{{ link }}{% for i in range(9) %}x{% endfor %}"));
    assert!(said.text.contains("{{ link }}{% for") && !said.text.contains(LINK), "{}", said.text);
}

#[test]
fn a_missing_value_is_a_mistake_and_not_a_gap() {
    let nothing = BTreeMap::new();
    let templates = Templates::read().unwrap();
    for &template in Template::ALL.iter().filter(|template| !template.required().is_empty()) {
        assert!(templates.say(template, Fr, HOME, None, &nothing).is_err(), "{template:?}");
    }
    assert!(templates.say(Template::Welcome, Fr, HOME, None, &nothing).is_ok());
}

#[test]
fn what_a_template_needs_is_what_it_shows() {
    for &template in Template::ALL {
        let shown = whole(&say(template, Fr, None)).contains("t0k-en_");
        assert_eq!(shown, template.required().contains(&"link"), "{template:?}");
    }
}

#[test]
fn the_first_link_of_the_text_is_the_one_to_follow() {
    for template in [Template::VerifyEmail, Template::ResetPassword, Template::ChangeEmail, Template::Invitation] {
        for language in [Fr, En] {
            let text = say(template, language, None).text;
            let first = text.split_whitespace().find(|word| word.starts_with("http")).unwrap();
            assert_eq!(first, LINK);
        }
    }
}

#[test]
fn values_do_not_replace_our_own() {
    let params = BTreeMap::from([
        ("link".to_owned(), LINK.to_owned()),
        ("home".to_owned(), "https://evil.example".to_owned()),
        ("language".to_owned(), "\"><b>".to_owned()),
    ]);
    let said = Templates::read().unwrap().say(Template::Welcome, Fr, HOME, None, &params).unwrap();
    assert!(!whole(&said).contains("evil"), "{}", whole(&said));
    assert!(said.html.contains("<html lang=\"fr\">"), "{}", said.html);
}
