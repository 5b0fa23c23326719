//! An OpenID provider that is not ours, as a process of its own beside the fleet (`tests/provider`).

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::fleet;

/// Of the first issuer, which is Google to the fleet; that of the second, Acme, comes after it.
const PORT: u16 = 9090;
const SECRET: &str = "what the fleet is known by there";
/// The application that people are sent back to.
pub const APPLICATION: &str = "https://app.example.org/signed-in";

/// A running provider. It ends when this is dropped, or when this process does.
pub struct Provider(Child);

/// Somebody with an account there.
#[derive(Clone)]
pub struct Someone {
    pub subject: String,
    pub email: String,
    pub email_verified: bool,
    pub twist: &'static str,
}

impl Provider {
    /// Starts it; answers when it is ready.
    pub fn start() -> Self {
        let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../provider/server.js");
        let gateway = format!("http://127.0.0.1:{}", fleet::port(8080));
        let callbacks = ["google", "oauth/acme"].map(|name| format!("{gateway}/api/v1/auth/{name}/callback"));
        let mut child = Command::new("node")
            .arg(server)
            .env("PORT", fleet::port(PORT).to_string())
            .env("CALLBACKS", callbacks.join(","))
            .env("CLIENT_SECRET", SECRET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed: deploy/install provider");
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = said.by_ref().map_while(Result::ok).any(|line| line == "ready");
        assert!(ready, "the provider does not start: deploy/install provider");
        // Whatever it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || said.map_while(Result::ok).for_each(drop));
        Self(child)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the fleet is told of it.
pub fn variables() -> Vec<(&'static str, String)> {
    vec![
        ("AUTH_PROVIDERS", "google,acme".into()),
        ("AUTH_PROVIDER_GOOGLE_ISSUER", issuer("google")),
        ("AUTH_PROVIDER_GOOGLE_CLIENT_ID", "jolmood".into()),
        ("AUTH_PROVIDER_GOOGLE_CLIENT_SECRET", SECRET.into()),
        ("AUTH_PROVIDER_ACME_ISSUER", issuer("acme")),
        ("AUTH_PROVIDER_ACME_CLIENT_ID", "jolmood".into()),
        ("AUTH_PROVIDER_ACME_CLIENT_SECRET", SECRET.into()),
        ("AUTH_REDIRECT_URIS", APPLICATION.into()),
    ]
}

/// The address of the issuer that the fleet knows by this name.
pub fn issuer(name: &str) -> String {
    let port = fleet::port(PORT) + u16::from(name == "acme");
    format!("http://127.0.0.1:{port}")
}

impl Someone {
    /// Somebody whose address the provider had proven.
    pub fn new(name: &str) -> Self {
        Self::at(name, format!("{name}@example.org"))
    }

    /// The same, with this address.
    pub fn at(name: &str, email: String) -> Self {
        Self { subject: format!("subject-of-{name}"), email, email_verified: true, twist: "" }
    }

    /// What the provider's page is told, to sign in as this person without asking.
    pub fn hint(&self) -> String {
        let claims: Value = json!({
            "sub": self.subject, "email": self.email, "email_verified": self.email_verified, "name": "Ada Lovelace",
            "picture": "https://pictures.example.org/ada.png", "twist": self.twist,
        });
        URL_SAFE_NO_PAD.encode(claims.to_string())
    }
}
