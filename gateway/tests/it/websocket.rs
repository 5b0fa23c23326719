//! WebSockets pass, after a 101 and only then.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Gate, read_reply};

const ASK: &str = "HTTP/1.1\r\nHost: gate\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[tokio::test]
async fn after_a_101_both_ends_are_joined_until_one_closes() {
    let gate = Gate::start().await;
    let mut stream = TcpStream::connect(gate.running.address()).await.unwrap();
    stream.write_all(format!("GET /ws {ASK}").as_bytes()).await.unwrap();
    let reply = read_reply(&mut stream, &mut Vec::new()).await.unwrap();
    assert_eq!((reply.status, reply.header("upgrade")), (101, Some("websocket")));
    for said in ["hello", "again", "GET / HTTP/1.1\r\n\r\n"] {
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut heard = vec![0; said.len()];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, said.as_bytes());
    }
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    gate.stop().await;
}

#[tokio::test]
async fn a_route_without_websockets_gets_none() {
    let gate = Gate::start().await;
    let replies = gate.raw(format!("GET /api/v1/echo {ASK}")).await;
    assert_eq!(replies[0].status, 200);
    let seen = &gate.upstream.seen()[0];
    assert_eq!((seen.header("upgrade"), seen.header("connection")), (None, None));
    gate.stop().await;
}
