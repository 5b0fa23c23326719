//! Which ports the private servers listen on.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::plan::made;
use crate::{Error, census};

/// Below 32768, where Linux starts to hand out ports to outgoing connections: a server that comes back after a crash
/// must not find its port taken by somebody's client.
const FIRST: u16 = 20_000;
const SPAN: u16 = 12_000;

/// A port for each private server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// PostgreSQL.
    pub postgres: u16,
    /// RabbitMQ's AMQP 0.9.1.
    pub rabbitmq: u16,
    /// Redis.
    pub redis: u16,
    /// MongoDB or what stands in for it.
    pub mongodb: u16,
    /// Where Erlang nodes are looked up.
    pub epmd: u16,
    /// Erlang distribution, which `rabbitmqctl` speaks.
    pub erlang: u16,
}

impl Ports {
    /// Ports that nobody listens on now.
    ///
    /// # Errors
    /// When no port is free.
    pub fn free() -> Result<Self, Error> {
        let mut drawn = Drawn::default();
        Ok(Self {
            postgres: drawn.next()?,
            rabbitmq: drawn.next()?,
            redis: drawn.next()?,
            mongodb: drawn.next()?,
            epmd: drawn.next()?,
            erlang: drawn.next()?,
        })
    }

    /// The ports that servers below `dir` had last time, so that addresses stay the same from start to start. A port
    /// that somebody else has taken meanwhile is drawn anew.
    ///
    /// # Errors
    /// When the folder cannot be written or no port is free.
    pub fn kept(dir: &Path) -> Result<Self, Error> {
        let root = made(dir)?;
        let file = root.join("ports.json");
        let before = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        let ports = match before {
            Some(ports) if !census::below(&root).is_empty() => return Ok(ports),
            Some(ports) => ports.without_taken()?,
            None => Self::free()?,
        };
        let text = serde_json::to_string_pretty(&ports).unwrap_or_default();
        std::fs::write(&file, text).map_err(Error::io("writing", &file))?;
        Ok(ports)
    }

    fn without_taken(mut self) -> Result<Self, Error> {
        let all = [
            &mut self.postgres,
            &mut self.rabbitmq,
            &mut self.redis,
            &mut self.mongodb,
            &mut self.epmd,
            &mut self.erlang,
        ];
        let mut drawn = Drawn(all.iter().map(|port| **port).collect());
        for port in all {
            if !is_free(*port) {
                *port = drawn.next()?;
            }
        }
        Ok(self)
    }
}

#[derive(Default)]
struct Drawn(Vec<u16>);

impl Drawn {
    fn next(&mut self) -> Result<u16, Error> {
        for _ in 0..1_000 {
            let mut random = [0; 2];
            aws_lc_rs::rand::fill(&mut random).map_err(|_| Error::NoRandom)?;
            let port = FIRST + u16::from_be_bytes(random) % SPAN;
            if !self.0.contains(&port) && is_free(port) {
                self.0.push(port);
                return Ok(port);
            }
        }
        Err(Error::NoPort)
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
