//! What the gateway has to be told, each variable with what it means.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use limits::{Policy, Rate};
use settings::{Environment, Reader, Seconds, SecretString, Setting};
use url::Url;

use crate::table::Table;
use crate::table::reload;
use crate::upstream::Address;

/// Browsers of these pages may call, where `CORS_ORIGINS` says nothing else.
const ORIGINS: [&str; 5] = [
    "https://phoenix-aube.vercel.app",
    "https://phoenix-rise.vercel.app",
    "https://phoenix-cv.vercel.app",
    "http://localhost:3000",
    "http://localhost:3001",
];

/// Everything the environment says.
#[derive(Debug)]
pub(crate) struct Config {
    /// `BIND` and `PORT`: where clients come; `INTERNAL_PORT`: `/metrics` and `/internal`.
    pub(crate) bind: IpAddr,
    pub(crate) port: u16,
    pub(crate) internal_port: u16,
    /// `WORKERS`: threads that serve; as many as there are cores where left out.
    pub(crate) workers: usize,
    /// `CLOCK_FILE`: the shift of a local fleet's clock.
    pub(crate) clock_file: Option<PathBuf>,
    /// `ROUTES_FILE`: a route table in place of the embedded one.
    pub(crate) routes_file: Option<PathBuf>,
    /// `UPSTREAM_<SERVICE>`: the instances of each service that the table names. `SOCKETS_DIR`: where those on this
    /// machine have a Unix socket as well.
    pub(crate) upstreams: Vec<Upstream>,
    /// Whose tokens are accepted.
    pub(crate) authn: authn::Config,
    /// What is logged.
    pub(crate) telemetry: telemetry::Config,
    /// `AMQP_URL`: where revocations are heard.
    pub(crate) amqp_url: SecretString,
    /// `REDIS_URL`: where quotas are added up; without it each gateway counts alone.
    pub(crate) redis_url: Option<SecretString>,
    /// `PUBLIC_URL`: what clients call this gateway.
    pub(crate) public_url: Url,
    /// `ALLOWED_HOSTS`: names it answers to; the host of `PUBLIC_URL` and this machine where left out.
    pub(crate) allowed_hosts: Vec<String>,
    /// `CORS_ORIGINS`: origins whose pages may call.
    pub(crate) cors_origins: Vec<String>,
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// `LIMIT_EXEMPT_NETWORKS`: addresses in these are not counted by address.
    pub(crate) exempt_networks: Vec<IpNet>,
    /// `LIMIT_<POLICY>`.
    pub(crate) policies: Policies,
    /// `IN_FLIGHT`: the most requests that one service works on at once for this gateway.
    pub(crate) in_flight: usize,
    /// `ACCESS_LOG=false` leaves out the line of each request.
    pub(crate) access_log: bool,
    /// `DRAIN_WAIT_SECS`: how long to go on after being told to stop, for others to notice.
    pub(crate) drain_wait: Duration,
}

/// A service and where it runs.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) instances: Vec<Address>,
}

/// The quotas that the gateway counts. What a service counts more exactly has its own there.
#[derive(Debug)]
pub(crate) struct Policies {
    pub(crate) read: Policy,
    pub(crate) write: Policy,
    pub(crate) admin: Policy,
    pub(crate) anon: Policy,
    pub(crate) login: Policy,
    pub(crate) register: Policy,
    pub(crate) mail: Policy,
    pub(crate) refresh: Policy,
    pub(crate) webhook: Policy,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &mut Reader) -> Self {
        let environment = env.environment();
        let port = env.or("PORT", 8080);
        let clock_file: Option<PathBuf> = env.optional("CLOCK_FILE");
        if clock_file.is_some() && environment != Environment::Local {
            env.problem("CLOCK_FILE is for ENVIRONMENT=local alone".into());
        }
        let public_url: Url = env.required("PUBLIC_URL");
        let routes_file = env.optional("ROUTES_FILE");
        let upstreams = upstreams(env, routes_file.as_ref());
        let usual_hosts = ["localhost", "127.0.0.1", "[::1]", public_url.host_str().unwrap_or_default()];
        Self {
            bind: env.or("BIND", Bind(IpAddr::from([0, 0, 0, 0]))).0,
            port,
            internal_port: env.or("INTERNAL_PORT", if port == 0 { 0 } else { port.saturating_add(10_000) }),
            workers: env.or("WORKERS", cores()).max(1),
            clock_file,
            routes_file,
            upstreams,
            authn: authn::Config::read(env),
            telemetry: telemetry::Config::read(env),
            amqp_url: env.required("AMQP_URL"),
            redis_url: env.optional("REDIS_URL"),
            allowed_hosts: env.or("ALLOWED_HOSTS", usual_hosts.map(str::to_owned).to_vec()),
            public_url,
            cors_origins: env.or("CORS_ORIGINS", ORIGINS.map(str::to_owned).to_vec()),
            trusted_proxies: networks(env, "TRUSTED_PROXIES"),
            exempt_networks: networks(env, "LIMIT_EXEMPT_NETWORKS"),
            policies: Policies::read(env),
            in_flight: env.or("IN_FLIGHT", 1_024),
            access_log: env.or("ACCESS_LOG", true),
            drain_wait: env.or("DRAIN_WAIT_SECS", Seconds(5)).into(),
        }
    }
}

impl Policies {
    fn read(env: &mut Reader) -> Self {
        Self {
            read: Policy::read(env, "read", Rate::per_minute(120)),
            write: Policy::read(env, "write", Rate::per_minute(60)),
            admin: Policy::read(env, "admin", Rate::per_minute(300)),
            anon: Policy::read(env, "anon", Rate::per_minute(60)),
            login: Policy::read(env, "login-address", Rate::per_minute(30)),
            register: Policy::read(env, "register", Rate::per_hour(5)),
            mail: Policy::read(env, "mail-address", Rate::per_hour(10)),
            refresh: Policy::read(env, "refresh-address", Rate::per_minute(300)),
            webhook: Policy::read(env, "webhook-address", Rate::per_minute(600)),
        }
    }
}

fn upstreams(env: &mut Reader, routes_file: Option<&PathBuf>) -> Vec<Upstream> {
    let text = match reload::text(routes_file) {
        Ok(text) => text,
        Err(error) => {
            env.problem(format!("ROUTES_FILE cannot be read: {error}"));
            return Vec::new();
        }
    };
    let sockets: Option<PathBuf> = env.optional("SOCKETS_DIR");
    let services = Table::services_of(&text).into_iter();
    let upstreams: Vec<Upstream> = services
        .map(|name| {
            let variable = format!("UPSTREAM_{}", name.to_ascii_uppercase().replace('-', "_"));
            let instances: Vec<Url> = env.required(&variable);
            if instances.iter().any(|url| url.scheme() != "http" || url.host_str().is_none()) {
                env.problem(format!("{variable} must be a list of http://host:port"));
            }
            let address = |url| Address::new(url, sockets.as_deref());
            Upstream { name, instances: instances.into_iter().map(address).collect() }
        })
        .collect();
    let names: Vec<&str> = upstreams.iter().map(|upstream| upstream.name.as_str()).collect();
    if let Err(error) = Table::parse(&text, &names) {
        env.problem(format!("the route table has a mistake: {error}"));
    }
    upstreams
}

fn networks(env: &mut Reader, name: &str) -> Vec<IpNet> {
    env.or::<Vec<Network>>(name, Vec::new()).into_iter().map(|network| network.0).collect()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

struct Bind(IpAddr);

impl Setting for Bind {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "must be an address such as 0.0.0.0".into())
    }
    fn absent() -> Self {
        Self(IpAddr::from([0, 0, 0, 0]))
    }
}

struct Network(IpNet);

impl Setting for Network {
    fn parse(text: &str) -> Result<Self, String> {
        let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network.map(Self).ok_or_else(|| "must be networks such as 10.0.0.0/8".into())
    }
    fn absent() -> Self {
        Self(IpNet::from(IpAddr::from([0, 0, 0, 0])))
    }
}
