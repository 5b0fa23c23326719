//! The servers behind the services, kept running.

use std::time::Instant;

use backing::{Mongo, Plan, Postgres, RabbitMq, Redis};
use settings::ExposeSecret;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::crew::Stop;
use crate::record::{Board, Part};
use crate::say::Steps;

/// One of the four.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// RabbitMQ.
    RabbitMq,
    /// Redis.
    Redis,
    /// MongoDB, or what stands in for it.
    Mongo,
}

/// One that runs.
#[derive(Debug)]
pub enum Server {
    /// PostgreSQL.
    Postgres(Box<Postgres>),
    /// RabbitMQ.
    RabbitMq(Box<RabbitMq>),
    /// Redis.
    Redis(Box<Redis>),
    /// MongoDB, or what stands in for it.
    Mongo(Box<Mongo>),
}

/// Does the same to whichever it is.
macro_rules! each {
    ($server:expr, $one:ident => $what:expr) => {
        match $server {
            Server::Postgres($one) => $what,
            Server::RabbitMq($one) => $what,
            Server::Redis($one) => $what,
            Server::Mongo($one) => $what,
        }
    };
}

impl Kind {
    /// Its name in `fleet.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::RabbitMq => "rabbitmq",
            Self::Redis => "redis",
            Self::Mongo => "mongodb",
        }
    }

    async fn start(self, plan: &Plan, steps: &Steps) -> Result<Server, backing::Error> {
        Ok(match self {
            Self::Postgres => Server::Postgres(Postgres::start(plan, steps).await?.into()),
            Self::RabbitMq => Server::RabbitMq(RabbitMq::start(plan, steps).await?.into()),
            Self::Redis => Server::Redis(Redis::start(plan, steps).await?.into()),
            Self::Mongo => Server::Mongo(Mongo::start(plan, steps).await?.into()),
        })
    }
}

impl Server {
    /// Where it runs.
    pub fn part(&self) -> Part {
        each!(self, one => Part {
            url: one.url().expose_secret().to_owned(),
            pid: one.pid(),
            log: one.log().map(std::path::Path::to_owned).unwrap_or_default(),
        })
    }

    async fn exited(&mut self) {
        each!(self, one => one.exited().await);
    }

    async fn stop(self) -> Result<(), backing::Error> {
        each!(self, one => one.stop().await)
    }
}

/// Keeps a server running until the crew ends.
pub async fn keep(mut server: Server, kind: Kind, plan: Plan, (board, steps): (Board, Steps), mut stop: Stop) {
    let mut backoff = Backoff::default();
    let mut begun = Instant::now();
    loop {
        tokio::select! {
            () = server.exited() => {}
            () = stop.asked() => {
                if let Err(error) = server.stop().await {
                    steps.tell(error);
                }
                return;
            }
        }
        steps.tell(format_args!("{} ended; it is started again", kind.name()));
        loop {
            let again = async {
                sleep(backoff.after(begun.elapsed())).await;
                begun = Instant::now();
                kind.start(&plan, &steps).await
            };
            let started = tokio::select! {
                started = again => started,
                () = stop.asked() => return,
            };
            match started {
                Ok(back) => {
                    server = back;
                    break;
                }
                Err(error) => steps.tell(error),
            }
        }
        if let Err(failure) = board.put(kind.name(), server.part()) {
            steps.tell(failure);
        }
        steps.tell(format_args!("{} is back", kind.name()));
    }
}
