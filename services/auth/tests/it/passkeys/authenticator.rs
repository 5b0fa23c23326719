//! A browser with a device that makes passkeys and shows them: a client like any other, which can lie as well.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

/// The bits of the authenticator data (WebAuthn §6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_LEAVE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_KEY: u8 = 0x40;

/// A browser with a device. As it comes it is honest.
#[derive(Clone)]
pub struct Device {
    /// The page that it says to show.
    pub origin: &'static str,
    /// Whether it says that the page is inside another site's.
    pub framed: bool,
    /// The site that it says the passkey is for.
    pub site: &'static str,
    /// Whether it says to know who sits before it.
    pub knows_its_owner: bool,
    /// Whether passkeys may leave it, and are kept elsewhere.
    pub synced: bool,
    /// Whether it tells whose passkey it shows.
    pub names_the_account: bool,
    /// In place of the challenge that it was given.
    pub challenge: Option<String>,
}

/// A passkey with both its halves.
pub struct Passkey {
    key: EcdsaKeyPair,
    /// What it is called among browsers.
    pub id: Vec<u8>,
    /// Whose it is.
    pub user: Vec<u8>,
    /// How often it was shown.
    pub counter: u32,
}

impl Device {
    /// One that does what it is asked for.
    pub fn honest() -> Self {
        Self {
            origin: "http://localhost:8080",
            framed: false,
            site: "localhost",
            knows_its_owner: true,
            synced: false,
            names_the_account: true,
            challenge: None,
        }
    }

    /// Makes a passkey as `publicKey` asks for; with what `navigator.credentials.create` gives.
    pub fn makes(&self, asked: &Value) -> (Passkey, Value) {
        let mut id = vec![0; 32];
        rand::fill(&mut id).unwrap();
        self.makes_as(asked, id)
    }

    /// The same with an id of its own choice.
    pub fn makes_as(&self, asked: &Value, id: Vec<u8>) -> (Passkey, Value) {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let user = BASE64.decode(asked["publicKey"]["user"]["id"].as_str().unwrap()).unwrap();
        let passkey = Passkey { key, id, user, counter: 0 };
        let authenticator_data = [self.signed(HAS_KEY, 0), passkey.attested()].concat();
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".as_slice();
        let attestation = [head, &bytes(&authenticator_data)].concat();
        let answer = json!({
            "id": BASE64.encode(&passkey.id), "rawId": BASE64.encode(&passkey.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "attestationObject": BASE64.encode(attestation), "transports": ["internal"],
                "clientDataJSON": BASE64.encode(self.client_data("webauthn.create", asked)),
            },
        });
        (passkey, answer)
    }

    /// Shows a passkey as `publicKey` asks for: what `navigator.credentials.get` gives. Its counter grows.
    pub fn shows(&self, passkey: &mut Passkey, asked: &Value) -> Value {
        passkey.counter += 1;
        self.shows_again(passkey, asked)
    }

    /// The same with the counter where it is.
    pub fn shows_again(&self, passkey: &Passkey, asked: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", asked);
        let authenticator_data = self.signed(0, passkey.counter);
        let signed = [authenticator_data.as_slice(), digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = passkey.key.sign(&SystemRandom::new(), &signed).unwrap();
        let mut answer = json!({
            "id": BASE64.encode(&passkey.id), "rawId": BASE64.encode(&passkey.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "authenticatorData": BASE64.encode(authenticator_data), "clientDataJSON": BASE64.encode(client_data),
                "signature": BASE64.encode(signature.as_ref()),
            },
        });
        if self.names_the_account {
            answer["response"]["userHandle"] = BASE64.encode(&passkey.user).into();
        }
        answer
    }

    fn client_data(&self, kind: &str, asked: &Value) -> String {
        let given = asked["publicKey"]["challenge"].as_str().unwrap();
        let challenge = self.challenge.as_deref().unwrap_or(given);
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.framed }).to_string()
    }

    /// The head of what a device signs: the site, the flags, the counter.
    fn signed(&self, more: u8, counter: u32) -> Vec<u8> {
        let verified = if self.knows_its_owner { VERIFIED } else { 0 };
        let synced = if self.synced { MAY_LEAVE | BACKED_UP } else { 0 };
        let flags = [PRESENT | verified | synced | more];
        let site = digest(&SHA256, self.site.as_bytes());
        [site.as_ref(), &flags, &counter.to_be_bytes()].concat()
    }
}

impl Passkey {
    /// Model (none), id and public half, the last as a COSE key on P-256.
    fn attested(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let (x, y, head) = (bytes(&point[1..33]), bytes(&point[33..]), b"\xa5\x01\x02\x03\x26\x20\x01\x21".as_slice());
        let key = [head, &x, b"\x22", &y].concat();
        [[0; 16].as_slice(), &length, &self.id, &key].concat()
    }
}

/// A byte string in CBOR.
fn bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let head = match u8::try_from(length) {
        Ok(short) if short < 24 => vec![0x40 | short],
        Ok(short) => vec![0x58, short],
        Err(_) => [[0x59].as_slice(), &length.to_be_bytes()].concat(),
    };
    [head.as_slice(), bytes].concat()
}
