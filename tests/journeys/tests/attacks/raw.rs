//! What no client library would do: writing bytes to a port, watching a port, calling from another address.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fleet::Fleet;
use crate::person::{Answer, send};
use crate::wait;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A port that nobody should call.
pub struct Trap {
    /// Its address.
    pub url: String,
    calls: Arc<AtomicU32>,
}

impl Trap {
    /// One that is open from now on.
    pub async fn set() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::<AtomicU32>::default();
        let counted = Arc::clone(&calls);
        tokio::task::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { url, calls }
    }

    /// How often it was called.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Somebody at this address of the machine.
pub fn caller_at(address: [u8; 4]) -> Client {
    let client = Client::builder().local_address(std::net::IpAddr::from(address));
    client.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build().unwrap()
}

/// The status that the gateway answers these bytes with; nothing where it closes without a word.
pub async fn status_of(fleet: &Fleet, request: &[u8]) -> Option<u16> {
    let url = url::Url::parse(&fleet.url("")).unwrap();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, url.port().unwrap())).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut text = Vec::new();
    let spoken = async {
        // Whoever is refused before he is done finds the connection closed.
        let _ = to.write_all(request).await;
        std::future::pending::<()>().await;
    };
    let heard = async {
        let mut piece = [0; 1024];
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            text.extend_from_slice(&piece[..read]);
            if text.contains(&b'\n') {
                break;
            }
        }
    };
    let both = async {
        tokio::select! { () = spoken => {}, () = heard => {} }
    };
    assert!(tokio::time::timeout(PATIENCE, both).await.is_ok(), "neither an answer nor an end after {PATIENCE:?}");
    String::from_utf8_lossy(&text).split(' ').nth(1)?.parse().ok()
}

/// Sends a request, again where the fleet is busy; with how long the answer took, the whole of it.
pub async fn patiently(request: RequestBuilder) -> (Answer, Duration) {
    loop {
        let (once, begun) = (request.try_clone().unwrap(), Instant::now());
        let answer = send(once).await;
        let took = begun.elapsed();
        if answer.status != 503 {
            return (answer, took);
        }
        wait::pause().await;
    }
}
