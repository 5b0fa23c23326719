//! HTTP as bytes: what a client sends is exactly what a test writes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the connection was closed after it.
    pub closed: bool,
}

impl Reply {
    /// The header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It is a problem document of this status and code.
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.header("content-type")), (status, Some("application/problem+json")), "{self:?}");
        assert_eq!(self.json()["code"], code, "{self:?}");
        assert!(
            self.json()["request_id"].as_str().is_some_and(|id| Some(id) == self.header("x-request-id")),
            "{self:?}"
        );
    }
}

/// Sends `bytes` and reads one reply.
pub async fn one(address: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut buffer = Vec::new();
    let writer = async {
        // A gateway that refuses early may close before all is sent.
        let _ = writing.write_all(bytes).await;
    };
    let reading = tokio::time::timeout(Duration::from_secs(15), read_reply(&mut reading, &mut buffer));
    let (reply, ()) = tokio::join!(reading, writer);
    reply.expect("a reply in time").expect("a reply")
}

/// Sends `bytes` and reads replies until the other side closes, or is silent for a while after the last one.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<Reply> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut replies = Vec::new();
    let reader = async {
        let mut buffer = Vec::new();
        loop {
            let patience = Duration::from_millis(if replies.is_empty() { 12_000 } else { 300 });
            match tokio::time::timeout(patience, read_reply(&mut reading, &mut buffer)).await {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => {
                    if let Some(last) = replies.last_mut() {
                        last.closed = true;
                    }
                    return;
                }
                Err(_) => return,
            }
        }
    };
    let writer = async {
        // A gateway that refuses early may close before all is sent.
        let _ = writing.write_all(bytes).await;
    };
    tokio::join!(reader, writer);
    replies
}

/// The next reply; nothing at the end of the connection.
pub async fn read_reply(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut Vec<u8>) -> Option<Reply> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if more(stream, buffer).await == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..head_end + 4).collect()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut reply = Reply { status, headers, ..Reply::default() };
    if status == 100 {
        return Box::pin(read_reply(stream, buffer)).await;
    }
    if let Some(length) = reply.header("content-length") {
        let length: usize = length.parse().unwrap();
        while buffer.len() < length && more(stream, buffer).await > 0 {}
        reply.body = buffer.drain(..length.min(buffer.len())).collect();
    } else if reply.header("transfer-encoding") == Some("chunked") {
        reply.body = chunked(stream, buffer).await;
    }
    Some(reply)
}

async fn chunked(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut Vec<u8>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line_end = loop {
            if let Some(at) = buffer.windows(2).position(|two| two == b"\r\n") {
                break at;
            }
            if more(stream, buffer).await == 0 {
                return body;
            }
        };
        let line = String::from_utf8(buffer.drain(..line_end + 2).collect()).unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        while buffer.len() < size + 2 && more(stream, buffer).await > 0 {}
        body.extend(buffer.drain(..size));
        buffer.drain(..2);
        if size == 0 {
            return body;
        }
    }
}

async fn more(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut Vec<u8>) -> usize {
    stream.read_buf(buffer).await.unwrap_or(0)
}
