//! The order in which everything starts and ends.

use std::time::{Duration, Instant};

use backing::{Mongo, Plan, Postgres, RabbitMq, Redis};
use serde_json::Value;
use settings::Reader;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::crew::Crew;
use super::migrations;
use super::servers::{Kind, Server, keep};
use super::unit::{Ears, Unit};
use crate::call::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::record::Board;
use crate::say::Steps;
use crate::table::{GATEWAY, SERVICES};
use crate::variables::{self, Addresses};

/// How long services may take from their start to health.
const HEALTHY_WITHIN: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(25);

/// Everything that runs.
#[derive(Debug)]
pub struct Fleet {
    place: Place,
    steps: Steps,
    /// What runs where.
    pub board: Board,
    gateway: Crew,
    services: Crew,
    servers: Crew,
}

/// What is to be served once all have migrated.
struct Prepared {
    services: Vec<Unit>,
    gateway: Unit,
}

impl Fleet {
    /// Nothing runs yet.
    pub fn new(place: Place, steps: Steps) -> Self {
        let board = Board::new(&place);
        Self { place, steps, board, gateway: Crew::new(), services: Crew::new(), servers: Crew::new() }
    }

    /// Starts all of it; done when the gateway is healthy.
    pub async fn start(&self, env: Reader) -> Result<(), Failure> {
        let left = backing::stop_all(&self.place.services()).await?;
        if left > 0 {
            self.steps.tell(format_args!("stopped {left} that a killed supervisor had left"));
        }
        let plan = self.place.plan()?;
        let missing = backing::missing(&plan);
        if !missing.is_empty() {
            return Err(backing::Error::Missing(missing).into());
        }
        let serving = async {
            let prepared = self.prepare(&plan, env).await?;
            self.serve(prepared).await
        };
        let documents = async {
            let mongo = Mongo::start(&plan, &self.steps).await?;
            let name = if mongo.stands_in() { "FerretDB is up, in MongoDB's place" } else { "MongoDB is up" };
            self.started(Server::Mongo(mongo.into()), Kind::Mongo, &plan, name)
        };
        tokio::try_join!(serving, documents)?;
        Ok(())
    }

    /// Servers and migrations. What a migration needs PostgreSQL for is done while RabbitMQ starts.
    async fn prepare(&self, plan: &Plan, env: Reader) -> Result<Prepared, Failure> {
        let amqp = RabbitMq::address(plan)?;
        let broker = async {
            let rabbitmq = RabbitMq::start(plan, &self.steps).await?;
            self.started(Server::RabbitMq(rabbitmq.into()), Kind::RabbitMq, plan, "RabbitMQ is up")
        };
        let stores = async {
            let postgres = async { Ok::<_, Failure>(Postgres::start(plan, &self.steps).await?) };
            let redis = async { Ok::<_, Failure>(Redis::start(plan, &self.steps).await?) };
            let (postgres, redis) = tokio::try_join!(postgres, redis)?;
            let addresses = Addresses { amqp, redis: redis.url() };
            let prepared = self.units(&addresses, &postgres, env)?;
            self.started(Server::Postgres(postgres.into()), Kind::Postgres, plan, "PostgreSQL is up")?;
            self.started(Server::Redis(redis.into()), Kind::Redis, plan, "Redis is up")?;
            let migrations = migrations::begin(&prepared.services)?;
            Ok::<_, Failure>((prepared, migrations))
        };
        let ((), (prepared, migrations)) = tokio::try_join!(broker, stores)?;
        migrations::finish(migrations).await?;
        self.steps.tell("databases and queues are migrated");
        Ok(prepared)
    }

    fn started(&self, server: Server, kind: Kind, plan: &Plan, text: &str) -> Result<(), Failure> {
        self.board.put(kind.name(), server.part())?;
        self.steps.tell(text);
        let (plan, tell) = (plan.clone(), (self.board.clone(), self.steps));
        self.servers.add(|stop| keep(server, kind, plan, tell, stop));
        Ok(())
    }

    fn units(&self, servers: &Addresses, postgres: &Postgres, mut env: Reader) -> Result<Prepared, Failure> {
        let program = std::env::current_exe().map_err(Failure::io("finding this program"))?;
        let place = &self.place;
        let unit = |name: &'static str, variables| Unit {
            name,
            program: program.clone(),
            url: place.url(name),
            log: place.log(name),
            mark: place.services().join(name),
            variables,
        };
        let mut services = Vec::new();
        for row in SERVICES {
            services.push(unit(row.name, variables::of_service(place, row, servers, postgres, &mut env)?));
        }
        let gateway = unit(GATEWAY, variables::of_gateway(place, servers, &mut env)?);
        env.load(|_| ())?;
        Ok(Prepared { services, gateway })
    }

    /// Serves; done when the gateway is healthy.
    async fn serve(&self, prepared: Prepared) -> Result<(), Failure> {
        let (ended, mut failures) = mpsc::unbounded_channel();
        let ears = Ears { board: self.board.clone(), steps: self.steps, ended };
        tokio::select! {
            healthy = self.serve_in_order(prepared, ears) => healthy,
            Some(words) = failures.recv() => Failure::say(words),
        }
    }

    /// Nobody asks for what is not there yet, since who asks in vain waits before it asks again: first auth, whose keys
    /// all need, then the other services, then the gateway, which asks how they are.
    async fn serve_in_order(&self, prepared: Prepared, ears: Ears) -> Result<(), Failure> {
        let begun = Instant::now();
        let keep = |unit: Unit| self.services.add(|stop| unit.keep(ears.clone(), stop));
        let (first, others): (Vec<Unit>, Vec<Unit>) =
            prepared.services.into_iter().partition(|unit| unit.name == "auth");
        first.into_iter().for_each(keep);
        self.until("auth", "/health/live", None, begun).await?;
        let names: Vec<&str> = others.iter().map(|unit| unit.name).collect();
        others.into_iter().for_each(keep);
        for name in names {
            self.until(name, "/health/ready", None, begun).await?;
        }
        self.gateway.add(|stop| prepared.gateway.keep(ears, stop));
        self.until(GATEWAY, "/health", Some("healthy"), begun).await
    }

    /// Asks until the answer is good, and says this of itself where that matters.
    async fn until(&self, name: &str, path: &str, status: Option<&str>, begun: Instant) -> Result<(), Failure> {
        let port = self.place.port(name);
        loop {
            let last = match call("GET", port, path).await {
                Ok((200, health)) if status.is_none() || health.get("status").and_then(Value::as_str) == status => {
                    return Ok(());
                }
                Ok((code, health)) => format!("it answers {code}: {health}"),
                Err(error) => format!("it does not answer: {error}"),
            };
            if begun.elapsed() > HEALTHY_WITHIN {
                return Failure::say(format!("{name} is not healthy after {HEALTHY_WITHIN:?}; {last}"));
            }
            sleep(LOOK).await;
        }
    }

    /// Ends all of it: first the door, then what is behind it.
    pub async fn stop(&self) -> Result<(), Failure> {
        self.gateway.stop().await;
        self.services.stop().await;
        // Whatever a start that was cut short has left.
        backing::stop_all(&self.place.services()).await?;
        self.servers.stop().await;
        backing::stop_all(&self.place.servers()).await?;
        Ok(())
    }
}
