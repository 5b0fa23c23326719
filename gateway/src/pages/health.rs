//! The health of the fleet as a client sees it: `degraded` where something is away that others can do without.

use serde_json::{Map, Value, json};

use crate::shared::Shared;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether this gateway takes requests: it can judge tokens and was not told to stop.
pub(crate) fn is_ready(shared: &Shared) -> bool {
    shared.verifier.ready() && !shared.is_draining()
}

/// The status and body of `/health`.
pub(crate) fn health(shared: &Shared) -> (u16, String) {
    let (mut parts, mut database, mut whole) = (Map::new(), "connected", true);
    let mut part = |name: &str, text: &str, well: bool| {
        whole &= well;
        parts.insert(name.to_owned(), text.into());
    };
    for known in shared.fleet.known() {
        let seen = known.seen();
        let status = if seen.status.is_empty() { "away" } else { seen.status.as_str() };
        part(&known.name, status, status == "healthy");
        if seen.database.as_deref().is_some_and(|state| state != "connected") {
            database = "disconnected";
        }
    }
    if let Some(answers) = shared.fleet.redis_answers() {
        part("redis", connected(answers), answers);
    }
    let broker = shared.fleet.broker_connected();
    part("broker", connected(broker), broker);
    let keys = shared.verifier.ready();
    part("keys", if keys { "present" } else { "missing" }, keys);
    let status = match (keys, whole) {
        (false, _) => "unhealthy",
        (true, false) => "degraded",
        (true, true) => "healthy",
    };
    let body: Value = json!({
        "status": status,
        "service": "gateway",
        "version": VERSION,
        "database": database,
        "timestamp": shared.clock.now().to_string(),
        "uptime_s": shared.started.elapsed().as_secs(),
        "dependencies": parts,
    });
    (if keys { 200 } else { 503 }, body.to_string())
}

fn connected(is: bool) -> &'static str {
    if is { "connected" } else { "disconnected" }
}
