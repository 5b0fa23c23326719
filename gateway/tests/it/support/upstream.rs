//! What is behind the gateway: a service that tells what it was sent, and one that says anything it is told to.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Keys;

/// One request as a service got it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A service that echoes, with an internal port ten thousand higher.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    seen: Mutex<Vec<Seen>>,
    /// Requests to `/waiting` wait until this is true.
    go: watch::Sender<bool>,
    /// Connections that came by a socket.
    by_socket: AtomicUsize,
    ready: Mutex<u16>,
    published: Value,
    revoked: Mutex<Vec<Value>>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Upstream {
    pub async fn start(keys: &Keys) -> Self {
        let (public, internal) = loop {
            let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = public.local_addr().unwrap().port();
            if let Some(above) = port.checked_add(10_000)
                && let Ok(internal) = TcpListener::bind(("127.0.0.1", above)).await
            {
                break (public, internal);
            }
        };
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            go: watch::Sender::new(false),
            by_socket: AtomicUsize::new(0),
            ready: Mutex::new(200),
            published: keys.published(),
            revoked: Mutex::default(),
        });
        let address = public.local_addr().unwrap();
        let serving = tokio::spawn(serve([public, internal], Arc::clone(&shared)));
        Self { address, shared, serving }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn internal_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.address.port() + 10_000)
    }

    /// Answers at its socket in this folder as well.
    pub fn listens_in(&self, dir: &Path) {
        let listener = UnixListener::bind(uds::path(dir, self.address.port())).unwrap();
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.by_socket.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
    }

    /// How many connections came by its socket.
    pub fn by_socket(&self) -> usize {
        self.shared.by_socket.load(Ordering::SeqCst)
    }

    /// What it was sent beside health checks.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Lets those go that wait.
    pub fn go(&self) {
        self.shared.go.send_replace(true);
    }

    /// What `/health/ready` answers from now on.
    pub fn says_ready(&self, status: u16) {
        *self.shared.ready.lock().unwrap() = status;
    }

    /// Tells of a revocation from now on, as auth does.
    pub fn revokes(&self, event: Value) {
        self.shared.revoked.lock().unwrap().push(event);
    }

    /// Is gone, with all its connections.
    pub fn die(&self) {
        self.serving.abort();
    }
}

async fn serve(listeners: [TcpListener; 2], shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let [public, internal] = &listeners;
        let stream = tokio::select! {
            accepted = public.accept() => accepted.unwrap().0,
            accepted = internal.accept() => accepted.unwrap().0,
        };
        connections.spawn(converse(stream, Arc::clone(&shared)));
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    let http = hyper::server::conn::http1::Builder::new();
    let _ = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

async fn answer(shared: &Shared, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    if let Some(known) = of_itself(shared, request.uri().path()) {
        return known;
    }
    if request.headers().contains_key("upgrade") {
        return upgraded(&mut request);
    }
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return json(400, &json!({ "broken": true })) };
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let seen = Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    };
    shared.seen.lock().unwrap().push(seen.clone());
    match head.uri.path() {
        "/api/v1/slow" => std::future::pending().await,
        "/api/v1/waiting" => drop(shared.go.subscribe().wait_for(|go| *go).await),
        _ => {}
    }
    as_asked(&seen, head.uri.query().unwrap_or_default())
}

fn json(status: u16, value: &Value) -> Response<Full<Bytes>> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.body(Full::new(value.to_string().into())).unwrap()
}

/// What every service tells of itself.
fn of_itself(shared: &Shared, path: &str) -> Option<Response<Full<Bytes>>> {
    Some(match path {
        "/internal/jwks" => json(200, &shared.published),
        "/internal/revocations" => {
            let items = shared.revoked.lock().unwrap().clone();
            json(200, &json!({ "items": items, "as_of": clock::Clock::system().now().to_string() }))
        }
        "/health/ready" => json(*shared.ready.lock().unwrap(), &json!({})),
        "/health" => json(200, &json!({ "status": "healthy", "database": "connected" })),
        "/openapi.json" => json(200, &description()),
        _ => return None,
    })
}

/// The answer that the query asks for, an echo where it asks for none.
fn as_asked(seen: &Seen, query: &str) -> Response<Full<Bytes>> {
    let number = |name: &str| query.strip_prefix(name).and_then(|number| number.parse::<usize>().ok());
    if let Some(status) = number("status=") {
        let trace = Full::new("at Object.fail (/srv/x.js:1)".into());
        return Response::builder().status(status as u16).body(trace).unwrap();
    }
    if let Some(size) = number("large=") {
        return json(200, &json!({ "text": "abc ".repeat(size / 4) }));
    }
    let mut answer = json(200, &json!({ "method": seen.method, "target": seen.target, "body": seen.body }));
    let extra =
        [("server", "upstream/1.0"), ("x-powered-by", "something"), ("etag", "\"7\""), ("keep-alive", "timeout=5")];
    for (name, value) in extra {
        answer.headers_mut().insert(name, value.parse().unwrap());
    }
    answer
}

/// A 101 after which everything comes back; a 200 where another protocol is asked for, as a careless service says.
fn upgraded(request: &mut Request<Incoming>) -> Response<Full<Bytes>> {
    if request.headers()["upgrade"] != "websocket" {
        return Response::new(Full::default());
    }
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        let mut buffer = [0; 1_024];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            stream.write_all(&buffer[..read]).await.unwrap();
        }
    });
    let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    answer.header("connection", "upgrade").header("upgrade", "websocket").body(Full::default()).unwrap()
}

fn description() -> Value {
    json!({
        "paths": {
            "/api/v1/echo": { "get": { "operationId": "echo", "responses": { "200": { "description": "it" } } } },
            "/api/v1/secret": { "get": { "operationId": "secret", "responses": {} } },
        },
        "components": { "schemas": {} },
    })
}

/// A server that answers every request with the same bytes and then hangs or closes.
pub struct Odd {
    address: SocketAddr,
    says: Arc<Mutex<(Vec<u8>, bool)>>,
}

impl Odd {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let says: Arc<Mutex<(Vec<u8>, bool)>> = Arc::default();
        let what = Arc::clone(&says);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(say(stream, Arc::clone(&what)));
            }
        });
        Self { address, says }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it says from now on, and whether it closes then.
    pub fn says(&self, bytes: impl Into<Vec<u8>>, closes: bool) {
        *self.says.lock().unwrap() = (bytes.into(), closes);
    }
}

async fn say(mut stream: TcpStream, says: Arc<Mutex<(Vec<u8>, bool)>>) {
    let mut buffer = [0; 16 * 1_024];
    while let Ok(1..) = stream.read(&mut buffer).await {
        let (bytes, closes) = says.lock().unwrap().clone();
        if stream.write_all(&bytes).await.is_err() || closes {
            return;
        }
    }
}
