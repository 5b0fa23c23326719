//! A service on the gateway's own machine is called by its Unix socket while it has one.

use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener};

use crate::support::{Gate, LANES, read_reply};

/// A gateway that looks for sockets in a folder of its own.
async fn gate(name: &str) -> (Gate, PathBuf) {
    let dir = std::env::temp_dir().join(format!("gateway-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    (Gate::with(&[("SOCKETS_DIR", dir.to_str().unwrap())]).await, dir)
}

#[tokio::test]
async fn both_lanes_and_websockets_go_by_the_socket() {
    let (gate, dir) = gate("all").await;
    gate.upstream.listens_in(&dir);
    for (n, lane) in LANES.into_iter().enumerate() {
        let reply = gate.get("/api/v1/echo", lane).await;
        assert_eq!(reply.status, 200);
        let seen = gate.upstream.seen().pop().unwrap();
        assert!(
            gate.upstream.url().ends_with(seen.header("host").unwrap()),
            "it is called what it is called elsewhere"
        );
        assert_eq!(gate.upstream.by_socket(), n + 1);
        let large = gate.get("/api/v1/echo?large=3000000", lane).await;
        assert_eq!(large.json()["text"].as_str().unwrap().len(), 3_000_000);
        let body = "x".repeat(1 << 20);
        assert_eq!(gate.send("POST", "/api/v1/upload", lane, &body).await.json()["body"].as_str().unwrap(), body);
    }
    let connections = gate.upstream.by_socket();
    let mut stream = TcpStream::connect(gate.running.address()).await.unwrap();
    let ask = "GET /ws HTTP/1.1\r\nHost: gate\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
               Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.unwrap();
    assert_eq!(read_reply(&mut stream, &mut Vec::new()).await.unwrap().status, 101);
    stream.write_all(b"hello").await.unwrap();
    let mut heard = [0; 5];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!((&heard, gate.upstream.by_socket()), (b"hello", connections + 1));
    gate.stop().await;
}

#[tokio::test]
async fn one_without_a_socket_is_called_by_the_network() {
    let (gate, _) = gate("none").await;
    for lane in LANES {
        assert_eq!(gate.get("/api/v1/echo", lane).await.status, 200);
    }
    gate.stop().await;
}

#[tokio::test]
async fn so_is_one_that_left_its_socket_behind() {
    let (gate, dir) = gate("left").await;
    let port = gate.upstream.url().rsplit(':').next().unwrap().parse().unwrap();
    drop(UnixListener::bind(uds::path(&dir, port)).unwrap());
    for lane in LANES {
        assert_eq!(gate.get("/api/v1/echo", lane).await.status, 200);
    }
    gate.stop().await;
}
