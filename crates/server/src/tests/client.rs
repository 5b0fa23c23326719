//! A client that says exactly what it is told to, byte for byte.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.json()["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("x-request-id"), self.json()["request_id"].as_str(), "{self:?}");
        self
    }

    #[track_caller]
    pub fn names(&self, pointer: &str, code: &str) {
        let errors = self.json()["errors"].clone();
        let there = errors.as_array().unwrap().iter().any(|e| e["pointer"] == pointer && e["code"] == code);
        assert!(there, "{pointer} {code} is not among {errors}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Sends these bytes and reads the whole answer.
pub async fn send(address: SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read(stream).await
}

/// Reads an answer until the connection closes, or its announced length is there.
pub async fn read(mut stream: impl AsyncRead + Unpin) -> Reply {
    let mut bytes = Vec::new();
    let whole = async { while !is_whole(&bytes) && stream.read_buf(&mut bytes).await.unwrap() > 0 {} };
    tokio::time::timeout(Duration::from_secs(20), whole).await.expect("an answer within 20 s");
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let lengths = head.lines().filter_map(|line| line.strip_prefix("content-length: "));
    lengths.into_iter().any(|length| length.parse::<usize>().is_ok_and(|length| body.len() >= length))
}
