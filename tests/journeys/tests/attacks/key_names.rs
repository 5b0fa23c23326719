//! A2: tokens whose head names a key that is anything but one of ours, or brings one along.

use std::sync::Arc;

use aws_lc_rs::signature::KeyPair;
use serde_json::{Value, json};

use crate::cast;
use crate::fleet::Fleet;
use crate::forge::{Forger, answered_everywhere, encoded, signed, signed_text};
use crate::raw::{self, Trap};
use crate::report::Row;

/// What is made of a good token; the address is one that nobody should call.
type Forgery = fn(&Forger, &str) -> String;

const FORGERIES: [(&str, Forgery); 19] = [
    ("a key name that is the path of an empty file reads nothing", |f, _| mac_by(f, "../../../../../../dev/null", b"")),
    ("a key name that is the path of a file with known content reads nothing", |f, _| {
        mac_by(f, "/proc/sys/kernel/ostype", b"Linux\n")
    }),
    ("a key name that is SQL asks nothing", |f, _| mac_by(f, "x' UNION SELECT 'secret' -- ", b"secret")),
    ("a key name that is an address calls nobody", |f, url| by_own(f, "kid", json!(format!("{url}/keys")))),
    ("a key name of three kilobytes is none", |f, _| by_own(f, "kid", json!("k".repeat(3_000)))),
    ("a key name of twenty kilobytes is none", |f, _| by_own(f, "kid", json!("k".repeat(20_000)))),
    ("a key name that is not there is none", |f, _| {
        let mut header = f.header.clone();
        header.as_object_mut().unwrap().remove("kid");
        signed(&f.stolen, &header, &f.claims)
    }),
    ("an empty key name is none", |f, _| by_stolen(f, "kid", json!(""))),
    ("a key name that nobody has is none", |f, _| by_own(f, "kid", json!("20200101-nobody"))),
    ("a key name that is no text is none", |f, _| by_stolen(f, "kid", json!([f.header["kid"]]))),
    ("an address of keys in the head calls nobody", |f, url| by_own(f, "jku", json!(format!("{url}/keys")))),
    ("an address of keys is refused even beside a good signature", |f, url| by_stolen(f, "jku", json!(url))),
    ("an address of certificates calls nobody", |f, url| by_own(f, "x5u", json!(format!("{url}/chain.pem")))),
    ("an address of certificates is refused even beside a good signature", |f, url| by_stolen(f, "x5u", json!(url))),
    ("a key that comes along is not used", |f, _| by_own(f, "jwk", own_jwk(f))),
    ("a key that comes along is refused even beside a good signature", |f, _| by_stolen(f, "jwk", own_jwk(f))),
    ("certificates that come along are not used", |f, _| by_stolen(f, "x5c", json!([encoded(&f.der())]))),
    ("what has to be understood is refused where it is not", |f, _| by_stolen(f, "crit", json!(["exp"]))),
    ("a head that says a thing twice is none", |f, _| {
        let head = f.header.to_string().replacen('{', "{\"alg\":\"none\",", 1);
        signed_text(&f.stolen, &head, &f.claims)
    }),
];

/// A2.
pub fn a2() -> Row {
    let row = FORGERIES.into_iter().fold(Row::new("A2"), |row, (says, forge)| {
        row.check(says, move |fleet| is_refused_and_nobody_called(fleet, forge))
    });
    row.check("a key name of a megabyte is not even read", a_megabyte_is_not_even_read)
}

async fn is_refused_and_nobody_called(fleet: Arc<Fleet>, forge: Forgery) {
    let (forger, trap) = (Forger::at_work(&fleet).await, Trap::set().await);
    answered_everywhere(&fleet, &forge(&forger, &trap.url), 401).await;
    // Whoever would call in the background had all doors' time to do so.
    answered_everywhere(&fleet, &forger.token, 200).await;
    assert_eq!(trap.calls(), 0, "somebody called the address in the token");
}

async fn a_megabyte_is_not_even_read(fleet: Arc<Fleet>) {
    let forger = Forger::at_work(&fleet).await;
    let token = signed(&forger.own, &forger.header_with("kid", json!("k".repeat(1_000_000))), &forger.claims);
    let head = format!("GET /api/v1/users/me HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    let status = raw::status_of(&fleet, head.as_bytes()).await;
    assert!(status.is_none_or(|status| [400, 401, 431].contains(&status)), "{status:?}");
    answered_everywhere(&fleet, &cast::bystander(&fleet).await.access, 200).await;
}

fn mac_by(forger: &Forger, kid: &str, secret: &[u8]) -> String {
    forger.mac(&json!({ "alg": "HS256", "kid": kid, "typ": "at+jwt" }), secret)
}

fn by_own(forger: &Forger, name: &str, value: Value) -> String {
    signed(&forger.own, &forger.header_with(name, value), &forger.claims)
}

fn by_stolen(forger: &Forger, name: &str, value: Value) -> String {
    signed(&forger.stolen, &forger.header_with(name, value), &forger.claims)
}

/// The forger's key as a JWK that says to be ours.
fn own_jwk(forger: &Forger) -> Value {
    let point = forger.own.public_key().as_ref();
    json!({
        "kty": "EC", "crv": "P-256", "x": encoded(&point[1..33]), "y": encoded(&point[33..]),
        "kid": forger.header["kid"], "alg": "ES256", "use": "sig",
    })
}
