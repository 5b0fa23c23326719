//! Redis: a cache and the limits' memory, kept over restarts.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::account::private_dir;
use crate::census::Place;
use crate::credentials::Credentials;
use crate::daemon::{Daemon, Spec};
use crate::installed::{self, Missing};
use crate::probe::Probe;
use crate::running::{Running, server};
use crate::{Error, Plan, Progress};

const NAME: &str = "Redis";

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    running: Running,
}
server!(Redis);

impl Redis {
    /// Starts or adopts the server; answers when it accepts clients.
    ///
    /// # Errors
    /// When it is not installed, does not start, or (given from outside) does not answer.
    pub async fn start(plan: &Plan, progress: &dyn Progress) -> Result<Self, Error> {
        if let Some(url) = &plan.given.redis {
            return Ok(Self { running: Running::given(NAME, url, 6379).await? });
        }
        let root = plan.root()?;
        let program = installed::redis().ok_or_else(|| Error::Missing(vec![Missing::redis()]))?;
        let password = Credentials::kept(&root)?.password("redis");
        let port = plan.ports.redis;
        let mark = root.join("redis");
        let home = private_dir(&mark, None)?;
        let log = plan.log("redis")?;
        // Debian's redis-server is a link to another of Redis' names.
        let file = program.canonicalize().map_err(Error::io("finding", &program))?;
        let exe = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let configuration = home.join("redis.conf");
        let spec = Spec {
            name: NAME,
            args: vec![configuration.clone().into()],
            files: vec![(configuration, settings(port, &password))],
            place: Place { mark, home, exe },
            root,
            program,
            env: Vec::new(),
            log: log.clone(),
            account: None,
            stop: Signal::SIGTERM,
            patience: Duration::from_secs(15),
            probe: Probe::Redis { port, password: password.clone() },
        };
        let daemon = Daemon::start(&spec, progress).await?;
        let url = format!("redis://default:{password}@127.0.0.1:{port}/");
        Ok(Self { running: Running::own(url, &log, daemon) })
    }

    /// Stops the server in order. One given from outside is left alone.
    ///
    /// # Errors
    /// When somebody else is starting or stopping it for too long.
    pub async fn stop(self) -> Result<(), Error> {
        self.running.stop().await
    }
}

/// Without a title of its own it leaves its environment readable, by which it is found again.
fn settings(port: u16, password: &str) -> String {
    format!(
        "# Written at each start; change crates/backing instead.
bind 127.0.0.1
port {port}
unixsocket \"\"
protected-mode yes
requirepass {password}
set-proc-title no
daemonize no
dir ./
appendonly yes
appendfsync everysec
save \"\"
maxmemory 256mb
maxmemory-policy volatile-lru
tcp-keepalive 60
"
    )
}
