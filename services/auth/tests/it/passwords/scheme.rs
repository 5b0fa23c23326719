//! Hashing and checking one password. The bcrypt hashes were made by libxcrypt.

use auth::passwords::scheme::{self, Failed, Scheme, Workspace, is_current};

const PASSWORD: &str = "sept-vaches-bleues";

fn hash(scheme: Scheme, password: &str) -> Result<String, Failed> {
    scheme::hash(scheme, password, &mut Workspace::default())
}

fn verify(password: &str, stored: &str) -> Result<bool, Failed> {
    scheme::verify(password, stored, &mut Workspace::default())
}

#[test]
fn what_was_made_in_a_workspace_before_changes_nothing() {
    let mut used = Workspace::default();
    let larger = "$argon2id$v=19$m=65536,t=1,p=1$c2FsdHNhbHRzYWx0$S3nAr4/IL3wmnHX3pVdIRGuXzZtt9YgYZSHZb4R84gk";
    assert!(!scheme::verify(PASSWORD, larger, &mut used).unwrap());
    let stored = scheme::hash(Scheme::Argon2id, PASSWORD, &mut used).unwrap();
    assert!(!scheme::verify("sept-vaches-rouges", &stored, &mut used).unwrap());
    assert!(scheme::verify(PASSWORD, &stored, &mut used).unwrap() && verify(PASSWORD, &stored).unwrap());
}

#[test]
fn a_hash_knows_its_password_and_no_other() {
    for scheme in [Scheme::Argon2id, Scheme::Bcrypt] {
        let stored = hash(scheme, PASSWORD).unwrap();
        assert!(verify(PASSWORD, &stored).unwrap());
        assert!(!verify("sept-vaches-rouges", &stored).unwrap());
        assert!(is_current(scheme, &stored));
        assert_ne!(stored, hash(scheme, PASSWORD).unwrap(), "each has a salt of its own");
    }
}

#[test]
fn hashes_of_other_systems_are_understood() {
    for stored in [
        "$2b$12$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC",
        "$2b$04$abcdefghijklmnopqrstuuU2q6UTJuE2rZsEqdS.uamV4t1TOE6ee",
    ] {
        assert!(verify(PASSWORD, stored).unwrap(), "{stored}");
        assert!(!verify("sept-vaches-rouges", stored).unwrap(), "{stored}");
        assert!(!is_current(Scheme::Argon2id, stored));
    }
}

#[test]
fn bcrypt_is_never_given_more_than_it_looks_at() {
    let stored = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    assert!(verify(&"x".repeat(72), stored).unwrap());
    assert!(!verify(&"x".repeat(73), stored).unwrap());
    assert!(matches!(hash(Scheme::Bcrypt, &"x".repeat(73)), Err(Failed::Refused(_))));
}

#[test]
fn what_costs_more_than_ours_or_is_of_another_kind_is_refused_unverified() {
    for stored in [
        "$argon2id$v=19$m=8388608,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=19456,t=5,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=19456,t=2,p=5$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$2b$13$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC",
        "$2b$31$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC",
        "$2x$12$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC",
        "$1$salt$hash",
        "",
        "sept-vaches-bleues",
    ] {
        assert!(matches!(verify(PASSWORD, stored), Err(Failed::Refused(_))), "{stored}");
    }
}
