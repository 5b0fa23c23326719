//! Secrets.

use auth::secrets::{Secrets, Token};

fn secrets(text: &str) -> Secrets {
    Secrets::new(&text.to_owned().into())
}

#[test]
fn what_is_sealed_opens_under_its_name_and_with_the_secret_alone() {
    let ours = secrets("a secret of forty characters, for tests.");
    let sealed = ours.seal("k-1", b"private").unwrap();
    assert!(!sealed.windows(7).any(|window| window == b"private"));
    assert_ne!(sealed, ours.seal("k-1", b"private").unwrap(), "never the same twice");
    assert_eq!(ours.open("k-1", &sealed).unwrap(), b"private");
    assert!(ours.open("k-2", &sealed).is_err());
    assert!(secrets("another secret of forty characters, yes.").open("k-1", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(ours.open("k-1", &changed).is_err(), "byte {at}");
    }
    assert!(ours.open("k-1", b"short").is_err());
}

#[test]
fn a_refresh_token_follows_from_its_family_and_place() {
    let (ours, theirs) = (secrets("a secret of forty characters, for tests."), secrets("another secret"));
    let show = |secrets: &Secrets, salt: &[u8], counter| secrets.refresh_token(salt, counter).show();
    assert_eq!(show(&ours, b"salt", 1), show(&ours, b"salt", 1));
    let others = [show(&ours, b"salt", 2), show(&ours, b"pepper", 1), show(&theirs, b"salt", 1)];
    assert!(!others.contains(&show(&ours, b"salt", 1)));
}

#[test]
fn a_token_is_read_as_it_was_shown() {
    let token = Token::random().unwrap();
    assert_eq!(token.show().len(), 43);
    assert!(Token::read(&token.show()) == Some(token.clone()));
    assert_ne!(token.digest(), Token::random().unwrap().digest());
    for wrong in ["", "x", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43), &format!("{} ", &token.show()[..42])] {
        assert!(Token::read(wrong).is_none(), "{wrong:?}");
    }
}
