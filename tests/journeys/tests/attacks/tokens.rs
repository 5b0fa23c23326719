//! A1: tokens that nobody signed, or somebody else.

use std::sync::Arc;

use authn::ServiceKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::cast;
use crate::fleet::{self, Fleet};
use crate::forge::{Forger, answered_everywhere, claiming, encoded, part, signed};
use crate::report::Row;

/// What is made of a good token.
type Forgery = fn(&Forger) -> String;

const FORGERIES: [(&str, Forgery); 22] = [
    ("alg none and no signature is no token", |f| unsigned(f, "none")),
    ("alg None and no signature is no token", |f| unsigned(f, "None")),
    ("alg NONE and no signature is no token", |f| unsigned(f, "NONE")),
    ("alg nOnE and no signature is no token", |f| unsigned(f, "nOnE")),
    ("alg none beside the old signature is no token", |f| renamed(f, "none")),
    ("HS256 by the public key in PEM is no token", |f| f.mac(&hs256(f), f.pem().as_bytes())),
    ("HS256 by the public key in PEM without its last line end is no token", |f| {
        f.mac(&hs256(f), f.pem().trim_end().as_bytes())
    }),
    ("HS256 by the public key in DER is no token", |f| f.mac(&hs256(f), &f.der())),
    ("HS256 by the point of the public key is no token", |f| f.mac(&hs256(f), &f.point())),
    ("HS256 by the public key as published is no token", |f| f.mac(&hs256(f), f.published.to_string().as_bytes())),
    ("HS256 by an empty secret is no token", |f| f.mac(&hs256(f), b"")),
    ("a signature that calls itself RS256 is none", |f| renamed(f, "RS256")),
    ("a signature that calls itself PS256 is none", |f| renamed(f, "PS256")),
    ("a signature that calls itself ES384 is none", |f| renamed(f, "ES384")),
    ("a signature that calls itself EdDSA is none", |f| renamed(f, "EdDSA")),
    ("an empty signature is none", |f| f.with_signature("")),
    ("a signature of zeros is none", |f| f.with_signature(&encoded(&[0; 64]))),
    ("half a signature is none", |f| f.with_signature(&f.token.rsplit('.').next().unwrap()[..43])),
    ("a signature in another form is none", in_asn1),
    ("the signature of other claims is none", of_others),
    ("a key of ones own by our name is none of ours", |f| signed(&f.own, &f.header, &f.claims)),
    ("a good token with something behind it is none", |f| format!("{}.{}", f.token, part(&f.claims))),
];

/// A1.
pub fn a1() -> Row {
    let row = Row::new("A1").check("a good token opens every door", a_good_token_opens_every_door);
    let row =
        FORGERIES.into_iter().fold(row, |row, (says, forge)| row.check(says, move |fleet| is_refused(fleet, forge)));
    row.check("the key of a service signs no token of an account", a_service_signs_no_token_of_an_account)
}

/// Else what is refused proves nothing.
async fn a_good_token_opens_every_door(fleet: Arc<Fleet>) {
    answered_everywhere(&fleet, &cast::bystander(&fleet).await.access, 200).await;
}

async fn is_refused(fleet: Arc<Fleet>, forge: Forgery) {
    let forged = forge(&Forger::at_work(&fleet).await);
    answered_everywhere(&fleet, &forged, 401).await;
}

async fn a_service_signs_no_token_of_an_account(fleet: Arc<Fleet>) {
    let forger = Forger::at_work(&fleet).await;
    let text = std::fs::read_to_string(fleet::folder().join("secrets/SERVICE_KEY_POSTS")).unwrap();
    let key = ServiceKey::of("posts", &text).unwrap();
    let forged = key.sign("at+jwt", &claiming(&forger.claims, "roles", json!(["user", "admin"]))).unwrap();
    answered_everywhere(&fleet, &forged, 401).await;
}

fn unsigned(forger: &Forger, alg: &str) -> String {
    format!("{}.{}.", part(&forger.header_with("alg", json!(alg))), part(&forger.claims))
}

fn renamed(forger: &Forger, alg: &str) -> String {
    forger.with_header(&forger.header_with("alg", json!(alg)))
}

fn hs256(forger: &Forger) -> Value {
    forger.header_with("alg", json!("HS256"))
}

/// The good signature as certificates would hold it, not as tokens do.
fn in_asn1(forger: &Forger) -> String {
    let signature = URL_SAFE_NO_PAD.decode(forger.token.rsplit('.').next().unwrap()).unwrap();
    let tagged = |tag: u8, bytes: Vec<u8>| [vec![tag, u8::try_from(bytes.len()).unwrap()], bytes].concat();
    let number = |half: &[u8]| {
        let mut digits: Vec<u8> = half.iter().copied().skip_while(|digit| *digit == 0).collect();
        if digits.first().is_some_and(|digit| *digit >= 0x80) {
            digits.insert(0, 0);
        }
        tagged(2, digits)
    };
    let both = [number(&signature[..32]), number(&signature[32..])].concat();
    forger.with_signature(&encoded(&tagged(0x30, both)))
}

fn of_others(forger: &Forger) -> String {
    let other = signed(&forger.stolen, &forger.header, &claiming(&forger.claims, "tier", json!("PREMIUM")));
    forger.with_signature(other.rsplit('.').next().unwrap())
}
