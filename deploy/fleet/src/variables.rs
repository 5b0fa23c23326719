//! What each process is told. Whatever the launcher was told goes on to all of them, and wins where it may.

use settings::{ExposeSecret, Reader, SecretString};

use crate::failure::Failure;
use crate::place::Place;
use crate::table::{GATEWAY, Row, SERVICES};

/// Variables for a process.
pub type Variables = Vec<(String, String)>;

/// Where the servers are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// RabbitMQ.
    pub amqp: SecretString,
    /// Redis.
    pub redis: SecretString,
}

/// What may be given to the launcher in place of these.
const DEFAULTS: [(&str, &str); 7] = [
    ("DRAIN_WAIT_SECS", "0"),
    ("LIMIT_EXEMPT_NETWORKS", "127.0.0.0/8,::1/128"),
    ("LOG_LEVEL", "info"),
    ("BIND", "127.0.0.1"),
    // The allocator keeps one arena per thread otherwise, each with memory that it does not give back.
    ("MALLOC_ARENA_MAX", "2"),
    // And once it has given back something large, it keeps whatever is smaller than that was.
    ("MALLOC_MMAP_THRESHOLD_", "131072"),
    // A thread keeps seven freed pieces of a size to itself, too few for a batch of rows or events: the rest costs the lock
    // of its arena.
    ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=128"),
];

/// What all processes are told.
fn shared(place: &Place, name: &str, servers: &Addresses, env: &mut Reader) -> Result<Variables, Failure> {
    let gateway = place.url(GATEWAY);
    let public: String = env.or("PUBLIC_URL", gateway);
    let mut all: Variables = Vec::new();
    let mut tell = |name: &str, value: String| all.push((name.to_owned(), value));
    for (variable, usual) in DEFAULTS {
        tell(variable, env.or(variable, usual.to_owned()));
    }
    tell("ENVIRONMENT", "local".into());
    tell("PORT", place.port(name).to_string());
    tell("INTERNAL_PORT", place.internal_port(name).to_string());
    if let Some(sockets) = place.sockets() {
        tell("SOCKETS_DIR", sockets.display().to_string());
    }
    tell("AMQP_URL", servers.amqp.expose_secret().to_owned());
    tell("REDIS_URL", servers.redis.expose_secret().to_owned());
    tell("AUTH_URL", place.url("auth"));
    tell("AUTH_INTERNAL_URL", format!("http://127.0.0.1:{}", place.internal_port("auth")));
    tell("AUTH_ISSUER", env.or("AUTH_ISSUER", public.clone()));
    tell("PUBLIC_URL", public);
    tell("CLOCK_FILE", place.clock().display().to_string());
    tell("CURSOR_SECRET_FILE", place.keep_secret("CURSOR_SECRET")?.display().to_string());
    Ok(all)
}

/// What a service is told.
pub fn of_service(
    place: &Place,
    row: &Row,
    servers: &Addresses,
    postgres: &backing::Postgres,
    env: &mut Reader,
) -> Result<Variables, Failure> {
    let mut all = shared(place, row.name, servers, env)?;
    if let Some((own, owner)) = Place::databases(postgres, row) {
        all.push(("DATABASE_URL".into(), own.expose_secret().to_owned()));
        all.push(("DATABASE_OWNER_URL".into(), owner.expose_secret().to_owned()));
    }
    for secret in row.secrets {
        all.push((format!("{secret}_FILE"), place.keep_secret(secret)?.display().to_string()));
    }
    all.push(("SERVICE_KEY_FILE".into(), place.keep_service_key(row.name)?.0.display().to_string()));
    if row.name == "auth" {
        all.push(("AUTH_SERVICE_KEYS".into(), place.service_keys()?));
    }
    all.push(workers(1, env));
    all.push(("MAIL_DIR".into(), place.mail().display().to_string()));
    if row.name == "auth" {
        all.extend(passkeys(place, env));
    }
    Ok(all)
}

/// How many threads serve: on this machine, where all share its cores, fewer than a process takes by itself.
fn workers(usual: usize, env: &mut Reader) -> (String, String) {
    let workers: usize = env.or("WORKERS", usual);
    ("WORKERS".into(), workers.to_string())
}

/// Passkeys belong to a name, never to an address: the site of this machine, which `PUBLIC_URL` does not name, is
/// `localhost` to browsers.
fn passkeys(place: &Place, env: &mut Reader) -> Variables {
    if env.optional::<String>("PUBLIC_URL").is_some() {
        return Vec::new();
    }
    let origin = format!("http://localhost:{}", place.port(GATEWAY));
    [("AUTH_PASSKEY_RP_ID", "localhost".to_owned()), ("AUTH_PASSKEY_ORIGINS", origin)]
        .map(|(variable, usual)| (variable.to_owned(), env.or(variable, usual)))
        .into()
}

/// What the gateway is told.
pub fn of_gateway(place: &Place, servers: &Addresses, env: &mut Reader) -> Result<Variables, Failure> {
    let mut all = shared(place, GATEWAY, servers, env)?;
    // The other half is for what it passes requests on to: threads that find no core free only take turns.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    all.push(workers(cores.div_ceil(2), env));
    for row in SERVICES {
        let variable = format!("UPSTREAM_{}", row.name.to_ascii_uppercase().replace('-', "_"));
        all.push((variable, place.url(row.name)));
    }
    Ok(all)
}
