//! A provider that knows nobody: it says what it is, keeps what it was asked, and answers codes as it is told to. What a
//! real one does is in the journeys.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What it answers at one path.
pub type Says = fn(url: &str, path: &str) -> (u16, String);

/// A provider on a port of its own.
pub struct StandIn {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    /// Calls that nobody takes.
    _unheard: Option<TcpListener>,
}

impl StandIn {
    /// One that answers like this.
    pub fn saying(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, own) = (asked.clone(), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                kept.lock().unwrap().push(request);
                let (status, body) = says(&own, &path);
                let mut stream = stream;
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                     connection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Self { url, asked, _unheard: None }
    }

    /// One that takes every call and answers none.
    pub fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { url, asked: Arc::default(), _unheard: Some(listener) }
    }

    /// One that does not know any code.
    pub fn new() -> Self {
        Self::saying(usual)
    }

    /// The variables by which auth finds it as `acme`.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        vec![("AUTH_PROVIDER_ACME_ISSUER", self.url.as_str())]
    }

    /// What it was asked so far at a path.
    pub fn asked(&self, path: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|request| request.split(' ').nth(1) == Some(path)).cloned().collect()
    }
}

/// What it says of itself; every code is unknown to it.
pub fn usual(url: &str, path: &str) -> (u16, String) {
    match path {
        "/.well-known/openid-configuration" => (200, document(url).to_string()),
        "/jwks" => (200, json!({ "keys": [] }).to_string()),
        "/token" => (400, json!({ "error": "invalid_grant" }).to_string()),
        _ => (404, String::new()),
    }
}

/// Its discovery document.
pub fn document(url: &str) -> Value {
    json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/auth"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).ok()?)
}
