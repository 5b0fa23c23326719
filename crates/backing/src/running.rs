//! What all four servers have in common once they run.

use std::path::{Path, PathBuf};

use settings::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};
use url::Url;

use crate::Error;
use crate::daemon::Daemon;

/// A private server, or one given from outside.
#[derive(Debug)]
pub(crate) struct Running {
    pub url: SecretString,
    /// Log and process; `None` when the server was given.
    pub own: Option<(PathBuf, Daemon)>,
}

impl Running {
    pub fn own(url: String, log: &Path, daemon: Daemon) -> Self {
        Self { url: url.into(), own: Some((log.to_owned(), daemon)) }
    }

    /// A server given from outside, once somebody listens there.
    pub async fn given(server: &'static str, url: &SecretString, port: u16) -> Result<Self, Error> {
        reached(url, port).await.map_err(|reason| Error::Given { server, reason })?;
        Ok(Self { url: url.clone(), own: None })
    }

    pub async fn exited(&mut self) {
        match &mut self.own {
            Some((_, daemon)) => daemon.exited().await,
            None => std::future::pending().await,
        }
    }

    pub async fn stop(self) -> Result<(), Error> {
        match self.own {
            Some((_, daemon)) => daemon.stop().await,
            None => Ok(()),
        }
    }
}

async fn reached(url: &SecretString, port: u16) -> Result<(), String> {
    // A replica set's URL names several hosts, which `url` does not read; its driver will tell.
    let Ok(url) = Url::parse(url.expose_secret()) else { return Ok(()) };
    let host = url.host_str().unwrap_or("127.0.0.1").to_owned();
    let port = url.port().unwrap_or(port);
    match timeout(Duration::from_secs(5), TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("{host}:{port}: {error}")),
        Err(_) => Err(format!("{host}:{port}: no answer for 5 s")),
    }
}

/// The face that every server shows.
macro_rules! server {
    ($server:ident) => {
        impl $server {
            /// The server's own process; `None` when it was given from outside.
            #[must_use]
            pub fn pid(&self) -> Option<u32> {
                self.running.own.as_ref().and_then(|(_, daemon)| daemon.pid())
            }

            /// Where it is reached, with an administrator's credentials.
            #[must_use]
            pub fn url(&self) -> settings::SecretString {
                self.running.url.clone()
            }

            /// Its log; `None` when it was given from outside.
            #[must_use]
            pub fn log(&self) -> Option<&std::path::Path> {
                self.running.own.as_ref().map(|(log, _)| log.as_path())
            }

            /// Completes when the server has ended; never for one that was given from outside.
            pub async fn exited(&mut self) {
                self.running.exited().await;
            }
        }
    };
}
pub(crate) use server;
