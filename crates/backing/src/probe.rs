//! Does a server accept clients? Asked as a client would, password included, in the few bytes that takes.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

use crate::mongo::wire;
use crate::{error, postgres, rabbitmq};

/// How to ask.
pub(crate) enum Probe {
    Postgres(Box<tokio_postgres::Config>),
    RabbitMq {
        port: u16,
        user: &'static str,
        password: String,
    },
    Redis {
        port: u16,
        password: String,
    },
    Mongo {
        port: u16,
    },
    /// Whoever listens will do.
    Tcp {
        port: u16,
    },
}

/// What came of it.
pub(crate) enum Answer {
    Ready,
    NotYet(String),
    /// It runs, and does not take the credentials.
    Refused(String),
}

impl Probe {
    pub async fn ask(&self) -> Answer {
        match timeout(Duration::from_secs(5), self.answer()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => Answer::NotYet(error.to_string()),
            Err(_) => Answer::NotYet("no answer for 5 s".to_owned()),
        }
    }

    async fn answer(&self) -> std::io::Result<Answer> {
        match self {
            Self::Postgres(config) => Ok(postgres_answer(config).await),
            Self::RabbitMq { port, user, password } => rabbitmq::greeting::log_in(*port, user, password).await,
            Self::Redis { port, password } => redis_answer(*port, password).await,
            Self::Mongo { port } => wire::hello(*port).await,
            Self::Tcp { port } => connect(*port).await.map(|_| Answer::Ready),
        }
    }
}

pub(crate) async fn connect(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", port)).await
}

async fn postgres_answer(config: &tokio_postgres::Config) -> Answer {
    match postgres::with_client(config, async |client| client.simple_query("SELECT 1").await).await {
        Ok(_) => Answer::Ready,
        Err(failure) => match failure.code() {
            Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                Answer::Refused(error::told(&failure))
            }
            _ => Answer::NotYet(error::told(&failure)),
        },
    }
}

async fn redis_answer(port: u16, password: &str) -> std::io::Result<Answer> {
    let mut stream = connect(port).await?;
    stream.write_all(format!("AUTH default {password}\r\nPING\r\nQUIT\r\n").as_bytes()).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(match text.as_str() {
        "+OK\r\n+PONG\r\n+OK\r\n" => Answer::Ready,
        refusal if refusal.starts_with("-WRONGPASS") => Answer::Refused(refusal.trim().to_owned()),
        other => Answer::NotYet(other.trim().to_owned()),
    })
}
