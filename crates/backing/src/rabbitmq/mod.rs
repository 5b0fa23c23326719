//! RabbitMQ: one node with an epmd of its own, both on loopback.
//!
//! It is started without its shell scripts, so that the process that is watched is the server's own, and with the few
//! Erlang applications it needs, which halves the time of a start (`applications`). Start with [`RabbitMq::start`].

mod applications;
pub(crate) mod greeting;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use settings::{ExposeSecret, SecretString};
use tokio::process::Command;

use crate::account::private_dir;
use crate::census::Place;
use crate::credentials::Credentials;
use crate::daemon::{Daemon, Spec};
use crate::installed::{self, Missing, RabbitMqPrograms};
use crate::probe::Probe;
use crate::running::{Running, server};
use crate::{Error, Plan, Ports, Progress};

#[cfg(test)]
pub(crate) use applications::dependencies;

const NAME: &str = "RabbitMQ";
const USER: &str = "fleet";
const NODE: &str = "rabbit@localhost";

/// A running RabbitMQ.
#[derive(Debug)]
pub struct RabbitMq {
    running: Running,
    own: Option<Node>,
}
server!(RabbitMq);

/// What only a private node has.
#[derive(Debug)]
struct Node {
    epmd: Daemon,
    home: PathBuf,
    installed: PathBuf,
    password: String,
    ports: Ports,
}

impl RabbitMq {
    /// Starts or adopts the server; answers when it accepts clients.
    ///
    /// # Errors
    /// When it is not installed, does not start, or (given from outside) does not answer.
    pub async fn start(plan: &Plan, progress: &dyn Progress) -> Result<Self, Error> {
        if let Some(url) = &plan.given.amqp {
            return Ok(Self { running: Running::given(NAME, url, 5672).await?, own: None });
        }
        let root = plan.root()?;
        let installed = installed::rabbitmq().ok_or_else(|| Error::Missing(vec![Missing::rabbitmq()]))?;
        let credentials = Credentials::kept(&root)?;
        let password = credentials.password("rabbitmq");
        let home = private_dir(&root.join("rabbitmq"), None)?;
        let epmd = Daemon::start(&epmd(plan, &root, &home, &installed)?, progress).await?;
        let log = plan.log("rabbitmq")?;
        let spec = Spec {
            name: NAME,
            place: Place { mark: root.join("rabbitmq"), home: home.clone(), exe: "beam.smp".to_owned() },
            program: installed.erl.clone(),
            args: arguments(),
            env: environment(&home, plan.ports, &applications::only_needed(&home, &installed.home)?),
            files: files(&home, plan.ports.rabbitmq, &password, &credentials.password("erlang-cookie")),
            root,
            log: log.clone(),
            account: None,
            stop: Signal::SIGTERM,
            patience: Duration::from_secs(30),
            probe: Probe::RabbitMq { port: plan.ports.rabbitmq, user: USER, password: password.clone() },
        };
        let daemon = Daemon::start(&spec, progress).await?;
        let url = Self::address(plan)?.expose_secret().to_owned();
        let node = Node { epmd, home, installed: installed.home, password, ports: plan.ports };
        Ok(Self { running: Running::own(url, &log, daemon), own: Some(node) })
    }

    /// Where the plan's server is reached, known before it runs: a client may wait for it meanwhile.
    ///
    /// # Errors
    /// When the plan's folder cannot be written.
    pub fn address(plan: &Plan) -> Result<SecretString, Error> {
        if let Some(url) = &plan.given.amqp {
            return Ok(url.clone());
        }
        let password = Credentials::kept(&plan.root()?)?.password("rabbitmq");
        Ok(format!("amqp://{USER}:{password}@127.0.0.1:{}/%2f", plan.ports.rabbitmq).into())
    }

    /// Makes a virtual host of its own, empty unless it was there, and answers its URL: for tests that must not meet.
    ///
    /// # Errors
    /// When the server was given from outside, or `rabbitmqctl` fails.
    pub async fn vhost(&self, name: &str) -> Result<SecretString, Error> {
        let node = self.own.as_ref().ok_or_else(|| Error::Given {
            server: NAME,
            reason: "a virtual host can only be made in a private one".to_owned(),
        })?;
        crate::postgres::quoted(name)?;
        // One call: starting rabbitmqctl takes a second.
        let script = format!(
            "case rabbit_vhost:exists(<<\"{name}\">>) of true -> ok; false -> rabbit_vhost:add(<<\"{name}\">>, <<\"backing\">>) end, \
             rabbit_auth_backend_internal:set_permissions(<<\"{USER}\">>, <<\"{name}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"backing\">>)."
        );
        node.control(&["eval", &script]).await?;
        Ok(format!("amqp://{USER}:{}@127.0.0.1:{}/{name}", node.password, node.ports.rabbitmq).into())
    }

    /// Stops the server in order, and its epmd. One given from outside is left alone.
    ///
    /// # Errors
    /// When somebody else is starting or stopping it for too long.
    pub async fn stop(self) -> Result<(), Error> {
        self.running.stop().await?;
        match self.own {
            Some(node) => node.epmd.stop().await,
            None => Ok(()),
        }
    }
}

impl Node {
    async fn control(&self, args: &[&str]) -> Result<(), Error> {
        let program = self.installed.join("sbin/rabbitmqctl");
        let output = Command::new(&program)
            .args(["--quiet", "--node", NODE])
            .args(args)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", &self.home)
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("ERL_EPMD_PORT", self.ports.epmd.to_string())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(Error::io("running", &program))?;
        if output.status.success() {
            return Ok(());
        }
        let output = [output.stdout, output.stderr].concat();
        Err(Error::Tool { what: "rabbitmqctl", output: String::from_utf8_lossy(&output).into_owned() })
    }
}

fn epmd(plan: &Plan, root: &Path, home: &Path, installed: &RabbitMqPrograms) -> Result<Spec, Error> {
    let port = plan.ports.epmd;
    Ok(Spec {
        name: "epmd",
        root: root.to_owned(),
        place: Place { mark: root.join("rabbitmq"), home: home.to_owned(), exe: "epmd".to_owned() },
        program: installed.epmd.clone(),
        args: ["-port", &port.to_string(), "-address", "127.0.0.1"].map(Into::into).into(),
        env: Vec::new(),
        files: Vec::new(),
        log: plan.log("epmd")?,
        account: None,
        stop: Signal::SIGTERM,
        patience: Duration::from_secs(5),
        probe: Probe::Tcp { port },
    })
}

/// As RabbitMQ's own script has them, with fewer schedulers and everything on loopback.
fn arguments() -> Vec<std::ffi::OsString> {
    let schedulers = std::thread::available_parallelism().map_or(2, usize::from).min(4);
    let text = format!(
        "-noinput -s rabbit boot -boot start_sasl +W w +B i +MBas ageffcbf +MHas ageffcbf +MBlmbcs 512 +MHlmbcs 512 \
         +MMmcs 30 +S {schedulers}:{schedulers} +P 262144 +t 5000000 +stbt u +zdbbl 128000 +sbwt none +sbwtdcpu none \
         +sbwtdio none -kernel inet_dist_use_interface {{127,0,0,1}} -kernel prevent_overlapping_partitions false \
         -syslog logger [] -syslog syslog_error_logger false"
    );
    text.split_whitespace().map(Into::into).collect()
}

fn environment(home: &Path, ports: Ports, applications: &Path) -> Vec<(&'static str, std::ffi::OsString)> {
    vec![
        ("ERL_LIBS", applications.into()),
        ("ERL_MAX_ETS_TABLES", "50000".into()),
        ("ERL_MAX_PORTS", "65536".into()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
        ("ERL_EPMD_PORT", ports.epmd.to_string().into()),
        ("RABBITMQ_NODENAME", NODE.into()),
        ("RABBITMQ_DIST_PORT", ports.erlang.to_string().into()),
        ("RABBITMQ_BASE", home.into()),
        ("RABBITMQ_MNESIA_BASE", home.join("data").into()),
        ("RABBITMQ_PLUGINS_DIR", applications.into()),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", home.join("enabled_plugins").into()),
        ("RABBITMQ_CONF_ENV_FILE", "/dev/null".into()),
        // Absent: reading that format takes half a second, the other one none.
        ("RABBITMQ_CONFIG_FILE", home.join("absent").into()),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", home.join("advanced.config").into()),
        ("RABBITMQ_LOG_BASE", home.join("log").into()),
        ("RABBITMQ_LOGS", "-".into()),
    ]
}

/// 16 MiB a message, as RabbitMQ 4 has it. Connections that come and go are not worth a line.
fn files(home: &Path, port: u16, password: &str, cookie: &str) -> Vec<(PathBuf, String)> {
    let settings = format!(
        "%% Written at each start; change crates/backing instead.
[{{rabbit, [
  {{tcp_listeners, [{{\"127.0.0.1\", {port}}}]}},
  {{num_tcp_acceptors, 4}},
  {{default_user, <<\"{USER}\">>}},
  {{default_pass, <<\"{password}\">>}},
  {{max_message_size, 16777216}},
  {{vm_memory_high_watermark, {{absolute, \"1GB\"}}}},
  {{disk_free_limit, 200000000}},
  {{collect_statistics, none}},
  {{log, [{{categories, [{{connection, [{{level, error}}]}}]}}]}}]}},
 {{ra, [{{wal_max_size_bytes, 67108864}}]}}].
"
    );
    // Erlang leaves its cookie read-only, which only root could write over.
    let cookie_file = home.join(".erlang.cookie");
    if cookie_file.exists() {
        fs::set_permissions(&cookie_file, fs::Permissions::from_mode(0o600)).ok();
    }
    vec![
        (home.join("advanced.config"), settings),
        (home.join("enabled_plugins"), "[].\n".to_owned()),
        (cookie_file, cookie.to_owned()),
    ]
}
