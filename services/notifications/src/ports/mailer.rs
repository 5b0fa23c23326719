//! Handing a letter over: to a mail server by SMTP, or to a folder as an `.eml` file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use settings::{ExposeSecret, SecretString};
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// How long one command to the mail server may take.
const COMMAND: Duration = Duration::from_secs(10);
/// How long a letter belongs to whoever hands it to a mail server.
const SERVER_LEASE: Duration = Duration::from_secs(60);
/// How long a letter belongs to whoever writes it to a file; written twice, it is still one file.
const FOLDER_LEASE: Duration = Duration::from_secs(5);
/// How long the question whether the mail server is there may take.
const HEALTH: Duration = Duration::from_millis(150);
/// The most connections to the mail server.
const CONNECTIONS: u32 = 4;

/// Answers to a login (RFC 4954): our configuration is wrong, not the letter.
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// Where letters go.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// A mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// A folder.
    Folder(PathBuf),
}

/// Why a letter was not taken, in words without an address.
#[derive(Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Try again later.
    Later(String),
    /// Never.
    Never(String),
}

impl Mailer {
    /// The mail server of a URL such as `smtp://user:password@host:587?tls=required`. Called within a runtime, which
    /// keeps its connections.
    pub fn smtp(url: &SecretString) -> Result<Self, Error> {
        let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(Duration::from_secs(30));
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?;
        Ok(Self::Smtp(transport.pool_config(pool).timeout(Some(COMMAND)).build()))
    }

    /// Hands `letter` over. `name` is its file's, without extension: the same letter has the same.
    pub async fn send(&self, letter: Message, name: &str) -> Result<(), NotTaken> {
        match self {
            Self::Smtp(server) => match tokio::time::timeout(self.lease() * 2 / 5, server.send(letter)).await {
                Ok(sent) => sent.map(drop).map_err(|error| not_taken(&error)),
                Err(_) => Err(NotTaken::Later("the mail server did not answer in time".into())),
            },
            Self::Folder(folder) => {
                let written = put(folder, name, &letter.formatted()).await;
                written.map_err(|error| NotTaken::Later(format!("the mail folder: {}", error.kind())))
            }
        }
    }

    /// How long a letter belongs to whoever sends it: the half of it is enough to send it, the rest to note that.
    pub fn lease(&self) -> Duration {
        match self {
            Self::Smtp(_) => SERVER_LEASE,
            Self::Folder(_) => FOLDER_LEASE,
        }
    }

    /// Whether letters would be taken now.
    pub async fn is_there(&self) -> bool {
        match self {
            Self::Smtp(server) => {
                let answer = tokio::time::timeout(HEALTH, server.test_connection()).await;
                matches!(answer, Ok(Ok(true)))
            }
            Self::Folder(folder) => fs::create_dir_all(folder).await.is_ok(),
        }
    }
}

/// Writes the file whole, then gives it its name, so that nobody reads half of it.
async fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder).await?;
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = fs::File::create(&unfinished).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    fs::rename(unfinished, folder.join(format!("{name}.eml"))).await
}

/// A refusal's text may repeat the address, so only its number is kept.
fn not_taken(error: &Error) -> NotTaken {
    if let Some(code) = error.status() {
        let code = u16::from(code);
        let why = format!("the mail server answered {code}");
        return if error.is_permanent() && !LOGIN_REFUSED.contains(&code) {
            NotTaken::Never(why)
        } else {
            NotTaken::Later(why)
        };
    }
    let why = match () {
        () if error.is_timeout() => "the mail server did not answer in time",
        () if error.is_tls() => "no secure connection to the mail server",
        () if error.is_client() => "the mail server is not asked as it wants to be",
        () => "the mail server cannot be reached",
    };
    NotTaken::Later(why.into())
}
