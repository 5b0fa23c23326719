//! What an operator's command needs to do its work beside a running auth: its settings, its database, its time.

use backing::Postgres;
use clock::Clock;
use settings::{ExposeSecret, Reader};

use crate::failure::Failure;
use crate::place::Place;
use crate::record::Record;
use crate::say::Steps;

/// Auth's surroundings.
pub struct Beside {
    told: Vec<(String, String)>,
    /// Its time.
    pub clock: Clock,
}

impl Beside {
    /// Those of a running fleet. Of what the launcher was told, `passed_on` goes on to auth.
    pub async fn auth(place: &Place, mut env: Reader, passed_on: &[&str]) -> Result<Self, Failure> {
        if Record::read(place).is_none() {
            return Failure::say("nothing runs: `make up` first");
        }
        let mut told: Vec<(String, String)> = vec![("ENVIRONMENT".into(), "local".into())];
        told.extend(passed_on.iter().filter_map(|name| Some(((*name).to_owned(), env.optional(name)?))));
        told.push(("AUTH_KEY_SECRET_FILE".into(), place.keep_secret("AUTH_KEY_SECRET")?.display().to_string()));
        env.load(|_| ())?;
        let postgres = Postgres::start(&place.plan()?, &Steps::begin()).await?;
        if let Some(url) = postgres.service_url("auth") {
            told.push(("DATABASE_URL".into(), url.expose_secret().to_owned()));
        }
        Ok(Self { told, clock: Clock::travelling(place.clock())? })
    }

    /// Its settings, to be read once.
    pub fn env(&self) -> Reader {
        Reader::from_pairs(self.told.clone())
    }
}
