//! Letters as a mail server gets them.

use contracts::Language::{En, Fr};
use jiff::Timestamp;
use lettre::message::Mailbox;
use notifications::mail::Said;
use notifications::mail::letter::{Recipient, write};

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn said(subject: &str) -> Said {
    Said { subject: subject.into(), text: "Où ?\n".into(), html: "<p>Où&nbsp;?</p>".into() }
}

fn letter(subject: &str, name: Option<&str>) -> String {
    let from: Mailbox = "Jolmood <bonjour@jolmood.example>".parse().unwrap();
    let to = Recipient { address: "ada@example.org", name, language: Fr };
    String::from_utf8(write(&from, &to, said(subject), "welcome:1", NOW).unwrap().formatted()).unwrap()
}

/// The lines of the head, folded ones joined.
fn headers(letter: &str) -> Vec<String> {
    letter.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_letter_has_all_that_mail_servers_ask_for() {
    let letter = letter("Où êtes-vous ?", Some("Ada Lovelace"));
    let headers = headers(&letter);
    let has = |line: &str| assert!(headers.iter().any(|header| header == line), "{line}: {headers:?}");
    has("From: Jolmood <bonjour@jolmood.example>");
    has("To: \"Ada Lovelace\" <ada@example.org>");
    has("Date: Mon, 21 Sep 2026 14:13:20 +0000");
    has("Auto-Submitted: auto-generated");
    has("Content-Language: fr");
    has("MIME-Version: 1.0");
    assert!(letter.contains("text/plain; charset=utf-8") && letter.contains("text/html; charset=utf-8"), "{letter}");
    assert!(letter.lines().all(|line| line.len() <= 998 && line.is_ascii()), "{letter}");
}

#[test]
fn one_mail_has_one_identity() {
    let id = |letter: &str| headers(letter).into_iter().find(|line| line.starts_with("Message-ID")).unwrap();
    let (first, again) = (id(&letter("a", None)), id(&letter("b", None)));
    assert_eq!(first, again);
    assert!(first.ends_with("@jolmood.example>") && first.len() > 80, "{first}");
}

#[test]
fn nothing_in_a_name_or_subject_begins_a_header() {
    for evil in ["x\r\nBcc: all@example.org", "x\nBcc: all@example.org", "x\rBcc: all@example.org", "x\r\n\r\n<script>"]
    {
        let letter = letter(evil, Some(evil));
        let begins = headers(&letter).iter().any(|line| line.to_ascii_lowercase().starts_with("bcc"));
        assert!(!begins, "{letter}");
        assert!(!letter.contains("\r\n<script>"), "{letter}");
        assert_eq!(letter.matches("\r\nTo: ").count(), 1, "{letter}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    let from: Mailbox = "bonjour@jolmood.example".parse().unwrap();
    for address in
        ["", "ada", "ada@", "@example.org", "ada@example.org\r\nBcc: x@y.z", "a b@example.org", "ada@exa mple"]
    {
        let to = Recipient { address, name: None, language: En };
        assert!(write(&from, &to, said("a"), "k", NOW).is_err(), "{address:?}");
    }
}
