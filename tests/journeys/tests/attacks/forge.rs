//! What is made of a good token by who has none of our keys, or has stolen one.

use auth::secrets::Secrets;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::cast;
use crate::fleet::{self, Fleet};
use crate::person::send;
use crate::revocation::DOORS;

/// What stands before the point of a P-256 key in DER: what kind of key it is (RFC 5480).
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

/// All that a forger has.
pub struct Forger {
    /// A good token, taken apart.
    pub header: Value,
    /// What it says.
    pub claims: Value,
    /// The same as it came.
    pub token: String,
    /// The public half of the key that signed it, as published.
    pub published: Value,
    /// A key of his own.
    pub own: EcdsaKeyPair,
    /// The key that signs all tokens, as if he had it: what is signed well has to make sense besides.
    pub stolen: EcdsaKeyPair,
}

impl Forger {
    /// One at work, on the token of somebody who is there anyway.
    pub async fn at_work(fleet: &Fleet) -> Self {
        let token = cast::bystander(fleet).await.access.clone();
        let (header, claims) = (part_of(&token, 0), part_of(&token, 1));
        let keys = send(fleet.http.get(fleet.url("/.well-known/jwks.json"))).await.is(200).json();
        let signed_it = |key: &&Value| key["kid"] == header["kid"];
        let published = keys["keys"].as_array().unwrap().iter().find(signed_it).unwrap().clone();
        let own = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let stolen = stolen(fleet).await;
        Self { header, claims, token, published, own, stolen }
    }

    /// The good token with another head.
    pub fn with_header(&self, header: &Value) -> String {
        let (_, rest) = self.token.split_once('.').unwrap();
        format!("{}.{rest}", part(header))
    }

    /// The good token with other claims.
    pub fn with_claims(&self, claims: &Value) -> String {
        let parts: Vec<&str> = self.token.split('.').collect();
        format!("{}.{}.{}", parts[0], part(claims), parts[2])
    }

    /// The good token with this in place of its signature.
    pub fn with_signature(&self, signature: &str) -> String {
        let (message, _) = self.token.rsplit_once('.').unwrap();
        format!("{message}.{signature}")
    }

    /// The head with one member changed.
    pub fn header_with(&self, name: &str, value: Value) -> Value {
        let mut header = self.header.clone();
        header[name] = value;
        header
    }

    /// The claims of the good token, signed with the secret of a MAC.
    pub fn mac(&self, header: &Value, secret: &[u8]) -> String {
        let message = format!("{}.{}", part(header), part(&self.claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", encoded(tag.as_ref()))
    }

    /// What the point of the published key is: 4, then both coordinates.
    pub fn point(&self) -> Vec<u8> {
        let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(self.published[name].as_str().unwrap()).unwrap();
        [vec![4], coordinate("x"), coordinate("y")].concat()
    }

    /// The published key in DER.
    pub fn der(&self) -> Vec<u8> {
        [hex::decode(P256).unwrap(), self.point()].concat()
    }

    /// The published key as a PEM file.
    pub fn pem(&self) -> String {
        let text = STANDARD.encode(self.der());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

/// Signed with a key on P-256.
pub fn signed(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    signed_text(key, &header.to_string(), claims)
}

/// The same, of a head as it is written.
pub fn signed_text(key: &EcdsaKeyPair, header: &str, claims: &Value) -> String {
    let message = format!("{}.{}", encoded(header.as_bytes()), part(claims));
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", encoded(signature.as_ref()))
}

/// Bytes as tokens hold them.
pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A part of a token that says this.
pub fn part(value: &Value) -> String {
    encoded(value.to_string().as_bytes())
}

/// What a part of a token says.
pub fn part_of(token: &str, nth: usize) -> Value {
    let text = token.split('.').nth(nth).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// The key that signs, from a copy of the database and the secret that it is sealed with.
async fn stolen(fleet: &Fleet) -> EcdsaKeyPair {
    let secret = std::fs::read_to_string(fleet::folder().join("secrets/AUTH_KEY_SECRET")).unwrap();
    let secrets = Secrets::new(&secret.trim().to_owned().into());
    let active = "SELECT kid, sealed_private_key FROM signing_keys WHERE state = 'active'";
    let row = fleet.rows("auth_db", active).await.remove(0);
    let (kid, sealed): (String, Vec<u8>) = (row.get(0), row.get(1));
    let private = secrets.open(&kid, &sealed).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private).unwrap()
}

/// The gateway and each service, asked past the gateway, answer this token so.
pub async fn answered_everywhere(fleet: &Fleet, token: &str, status: u16) {
    for (service, path) in DOORS {
        for part in ["gateway", service] {
            let answer = send(fleet.http.get(format!("{}{path}", fleet.part(part).url)).bearer_auth(token)).await;
            assert_eq!(answer.status, status, "{part}, {path}: {}", answer.text);
            let challenge = answer.header("www-authenticate");
            assert!(status != 401 || challenge.starts_with("Bearer"), "{part}, {path}: {challenge}");
            assert!(status != 401 || answer.json()["login_url"].is_string(), "{}", answer.text);
        }
    }
}

/// A claim with another value.
pub fn claiming(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    changed[name] = value;
    changed
}

/// The claims of an administrator who proved himself by two factors a moment ago.
pub fn of_an_administrator(claims: &Value, now: i64) -> Value {
    let mut raised = claims.clone();
    raised["roles"] = json!(["user", "admin"]);
    raised["amr"] = json!(["pwd", "otp", "mfa"]);
    raised["auth_time"] = json!(now);
    raised
}
