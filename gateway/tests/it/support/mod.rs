//! A gateway under test: `Gate::start().await`, then bytes in and replies out.

mod raw;
mod tokens;
mod upstream;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use gateway::Running;

pub use raw::{Reply, exchange, read_reply};
pub use tokens::{Keys, Token};
pub use upstream::{Odd, Upstream};

/// The table of these tests; the upstream answers every path.
const ROUTES: &str = r#"
routes = [
  { on = "GET /health", to = "gateway", page = "health", who = "open", limit = "none" },
  { on = "GET /health/live", to = "gateway", page = "live", who = "open", limit = "none" },
  { on = "GET /health/ready", to = "gateway", page = "ready", who = "open", limit = "none" },
  { on = "GET /api/v1/openapi.json", to = "gateway", page = "openapi", who = "open", limit = "none" },
  { on = "GET /api/docs", to = "gateway", page = "docs", who = "open", limit = "none" },
  { on = "GET /api/docs/{file}", to = "gateway", page = "docs", who = "open", limit = "none" },
  { on = "GET /problems/{slug}", to = "gateway", page = "problem", who = "open", limit = "none" },
  { on = "GET /.well-known/security.txt", to = "gateway", page = "security_txt", who = "open", limit = "none" },
  { on = "GET /api/v1/echo", to = "posts", who = "open", limit = "none" },
  { on = "POST /api/v1/echo", to = "posts", who = "open", limit = "none" },
  { on = "PUT /api/v1/echo", to = "posts", who = "open", limit = "none" },
  { on = "GET /api/v1/echo/{id}", to = "posts", who = "open", limit = "none" },
  { on = "POST /api/v1/upload", to = "posts", who = "open", limit = "none", body = "1MiB" },
  { on = "GET /api/v1/slow", to = "posts", who = "open", limit = "none", deadline = 1 },
  { on = "POST /api/v1/slow", to = "posts", who = "open", limit = "none", deadline = 1 },
  { on = "GET /api/v1/waiting", to = "posts", who = "open", limit = "none" },
  { on = "GET /api/v1/reserved", to = "posts", who = "open", limit = "none", lane = "reserved" },
  { on = "GET /api/v1/private", to = "posts", who = "user" },
  { on = "PUT /api/v1/private", to = "posts", who = "user" },
  { on = "GET /api/v1/maybe", to = "posts", who = "any" },
  { on = "GET /api/v1/coaching", to = "posts", who = "coach" },
  { on = "GET /api/v1/admin/thing", to = "posts", who = "admin" },
  { on = "GET /api/v1/anonymous", to = "posts", who = "open" },
  { on = "POST /api/v1/login", to = "posts", who = "open", limit = "login" },
  { on = "POST /api/v1/hook", to = "posts", who = "open", limit = "webhook" },
  { on = "GET /api/v1/odd", to = "odd", who = "open", limit = "none", deadline = 1 },
  { on = "POST /api/v1/odd", to = "odd", who = "open", limit = "none", deadline = 1 },
  { on = "GET /api/v1/ws", to = "posts", who = "open", limit = "none", upgrade = "websocket" },
  { on = "GET /api/v1/alias", to = "posts", who = "open", limit = "none", alias_of = "GET /api/v1/echo" },
]
"#;

static TABLES: AtomicU32 = AtomicU32::new(0);

/// Headers that take a request out of the plain lane, and none.
pub const LANES: [&[(&str, &str)]; 2] = [&[], &[("Connection", "close")]];

/// A gateway, what is behind it, and the keys that it believes.
pub struct Gate {
    pub running: Running,
    pub upstream: Upstream,
    pub odd: Odd,
    pub keys: Keys,
    pub table: PathBuf,
}

impl Gate {
    /// A gateway that is ready.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with these variables too.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let keys = Keys::new();
        let upstream = Upstream::start(&keys).await;
        let odd = Odd::start().await;
        let table = std::env::temp_dir().join(format!(
            "routes-{}-{}.toml",
            std::process::id(),
            TABLES.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::write(&table, ROUTES).unwrap();
        let usual = [
            ("ENVIRONMENT", "local".to_owned()),
            ("BIND", "127.0.0.1".to_owned()),
            ("PORT", "0".to_owned()),
            ("WORKERS", "1".to_owned()),
            ("PUBLIC_URL", "http://gate".to_owned()),
            ("ALLOWED_HOSTS", "gate,127.0.0.1".to_owned()),
            ("AUTH_ISSUER", "https://test.issuer".to_owned()),
            ("AUTH_INTERNAL_URL", upstream.internal_url()),
            ("AMQP_URL", "amqp://127.0.0.1:1".to_owned()),
            ("UPSTREAM_POSTS", upstream.url()),
            ("UPSTREAM_ODD", odd.url()),
            ("ROUTES_FILE", table.display().to_string()),
        ];
        let mut all: Vec<(String, String)> = usual.map(|(name, value)| (name.to_owned(), value)).to_vec();
        for (name, value) in variables {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), value.replace("{upstream}", &upstream.url())));
        }
        let running = gateway::start(settings::Reader::from_pairs(all)).await.unwrap();
        let gate = Self { running, upstream, odd, keys, table };
        gate.until_ready().await;
        gate
    }

    /// A GET with these headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, "").await
    }

    /// A request with a body of known length.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: gate\r\n");
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        raw::one(self.running.address(), format!("{head}\r\n{body}").as_bytes()).await
    }

    /// The replies to these bytes, until the gateway closes or has nothing more to say.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<Reply> {
        exchange(self.running.address(), bytes.as_ref()).await
    }

    /// Ends it gracefully.
    pub async fn stop(self) {
        self.running.stop(Duration::ZERO).await;
        let _ = std::fs::remove_file(self.table);
    }

    async fn until_ready(&self) {
        until("the gateway is ready", async || self.get("/health/ready", &[]).await.status == 200).await;
    }
}

/// Waits, at most ten seconds, until it is so.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !so().await {
        assert!(started.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
