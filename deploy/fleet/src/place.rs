//! Where a fleet keeps its state, and which ports it takes.
//!
//! `FLEET_DIR` and `FLEET_PORT_SHIFT` let a second fleet run beside the first.

use std::path::{Path, PathBuf};

use authn::{JwkSet, ServiceKey};
use backing::{DatabaseSpec, Given, Plan, Ports};
use settings::{Reader, SecretString};

use crate::failure::Failure;
use crate::table::{GATEWAY, GATEWAY_PORT, INTERNAL, Row, SERVICES};

/// A fleet's folder, ports and what it was given from outside.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its folder.
    pub dir: PathBuf,
    /// The folder of the project, where the launcher was called inside one.
    pub project: Option<PathBuf>,
    /// Added to every port.
    shift: u16,
    /// Servers that run elsewhere.
    given: Given,
}

impl Place {
    /// Reads it from the environment.
    pub fn read(env: &mut Reader) -> Self {
        let project = project();
        let dir: Option<PathBuf> = env.optional("FLEET_DIR");
        let dir = dir.unwrap_or_else(|| project.clone().unwrap_or_default().join(".fleet"));
        let given = Given {
            postgres: env.optional("POSTGRES_URL"),
            amqp: env.optional("AMQP_URL"),
            redis: env.optional("REDIS_URL"),
            mongodb: env.optional("MONGODB_URL"),
        };
        Self { dir: std::path::absolute(&dir).unwrap_or(dir), project, shift: env.or("FLEET_PORT_SHIFT", 0), given }
    }

    /// The state file: what runs where.
    pub fn record(&self) -> PathBuf {
        self.dir.join("fleet.json")
    }

    /// What the supervisor says of itself.
    pub fn supervisor(&self) -> PathBuf {
        self.dir.join("supervisor.json")
    }

    /// Held by the supervisor for as long as it lives.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    /// How far the clocks are shifted.
    pub fn clock(&self) -> PathBuf {
        self.dir.join("clock")
    }

    /// Mail as files.
    pub fn mail(&self) -> PathBuf {
        self.dir.join("mail")
    }

    /// The log of a process of the launcher.
    pub fn log(&self, name: &str) -> PathBuf {
        self.dir.join("log").join(format!("{name}.log"))
    }

    /// The folder of the services' sockets; none, if its path is too long for them.
    pub fn sockets(&self) -> Option<PathBuf> {
        let dir = self.dir.join("sockets");
        uds::fits(&dir).then_some(dir)
    }

    /// A secret of this fleet.
    pub fn secret(&self, name: &str) -> PathBuf {
        self.dir.join("secrets").join(name)
    }

    /// By this folder the services are known, whoever started them.
    pub fn services(&self) -> PathBuf {
        self.dir.join("services")
    }

    /// The folder of the private servers.
    pub fn servers(&self) -> PathBuf {
        self.dir.join("servers")
    }

    /// The port of a service or of the gateway.
    pub fn port(&self, name: &str) -> u16 {
        let port = SERVICES.iter().find(|row| row.name == name).map_or(GATEWAY_PORT, |row| (row.define)().port);
        port.saturating_add(self.shift)
    }

    /// The internal port of a service or of the gateway.
    pub fn internal_port(&self, name: &str) -> u16 {
        self.port(name).saturating_add(INTERNAL)
    }

    /// Where a service or the gateway is reached.
    pub fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}", self.port(name))
    }

    /// The gateway and every service.
    pub fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once(GATEWAY).chain(SERVICES.iter().map(|row| row.name))
    }

    /// What the servers are to be. Their ports are drawn where none of ours are.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let ours = Self::names().flat_map(|name| [self.port(name), self.internal_port(name)]);
        let held: Vec<_> = ours.filter_map(|port| std::net::TcpListener::bind(("127.0.0.1", port)).ok()).collect();
        let dir = self.servers();
        let ports = Ports::kept(&dir)?;
        drop(held);
        let mut plan = Plan::new(dir, ports);
        plan.given = self.given.clone();
        plan.bin = self.project.as_ref().map_or(plan.bin, |project| project.join("target/servers"));
        plan.databases = SERVICES.iter().map(|row| DatabaseSpec::new(row.name, row.database)).collect();
        Ok(plan)
    }

    /// Makes the folder, closed to others.
    pub fn make(&self) -> Result<(), Failure> {
        let closed = [self.dir.join("secrets")].into_iter().chain(self.sockets());
        for dir in
            [self.dir.clone(), self.dir.join("log"), self.mail(), self.services()].into_iter().chain(closed.clone())
        {
            std::fs::create_dir_all(&dir).map_err(Failure::io(format!("making {}", dir.display())))?;
        }
        for dir in closed {
            let owners = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(&dir, owners).map_err(Failure::io(format!("closing {}", dir.display())))?;
        }
        Ok(())
    }

    /// A secret, drawn where it is not there yet; answers its file.
    pub fn keep_secret(&self, name: &str) -> Result<PathBuf, Failure> {
        let file = self.secret(name);
        if !file.exists() {
            let bytes: [u8; 32] = rand::random();
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            replace(&file, &text)?;
        }
        Ok(file)
    }

    /// The private key of a service, drawn where it is not there yet; answers its file and the key.
    pub fn keep_service_key(&self, service: &str) -> Result<(PathBuf, ServiceKey), Failure> {
        let file = self.secret(&format!("SERVICE_KEY_{}", service.to_ascii_uppercase().replace('-', "_")));
        if !file.exists() {
            let key = ServiceKey::draw().map_err(|e| Failure::Said(format!("drawing a key for {service}: {e}")))?;
            replace(&file, &key)?;
        }
        let text = std::fs::read_to_string(&file).map_err(Failure::io(format!("reading {}", file.display())))?;
        let key = ServiceKey::of(service, &text).map_err(|e| Failure::Said(format!("{} {e}", file.display())))?;
        Ok((file, key))
    }

    /// The public halves of the keys of all services, as auth is told of them.
    pub fn service_keys(&self) -> Result<String, Failure> {
        let mut keys = Vec::new();
        for row in SERVICES {
            keys.extend(self.keep_service_key(row.name)?.1.public());
        }
        serde_json::to_string(&JwkSet { keys }).map_err(|e| Failure::Said(format!("writing the keys of services: {e}")))
    }

    /// The database roles' URLs of a service: its own and its database's owner's.
    pub fn databases(postgres: &backing::Postgres, row: &Row) -> Option<(SecretString, SecretString)> {
        Some((postgres.service_url(row.name)?, postgres.owner_url(row.name)?))
    }
}

/// Replaces a file whole, readable by its owner alone.
pub fn replace(file: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let next = file.with_extension(format!("{}.next", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&next)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&next, file));
    written.map_err(Failure::io(format!("writing {}", file.display())))
}

/// The folder above the current one that holds this launcher's sources.
fn project() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| folder.join("deploy/fleet/Cargo.toml").is_file()).map(Path::to_owned)
}
