//! `schema.rs`, from a database that the migrations of a service have just made.

use std::process::{Command, Stdio};

use backing::Postgres;
use settings::ExposeSecret;

use super::known;
use crate::failure::Failure;
use crate::place::Place;
use crate::say::Steps;
use crate::supervisor::block_on;

/// Runs the migrations on a database made for it; diesel then writes the file that the service's diesel.toml names.
pub fn write(place: &Place, name: &str) -> Result<(), Failure> {
    let row = known(name)?;
    let Some(project) = &place.project else {
        return Failure::say("call it inside the project");
    };
    let plan = place.plan()?;
    block_on(async {
        // It goes on running: a fleet that starts later adopts it, and one that runs is not disturbed.
        let postgres = Postgres::start(&plan, &Steps::begin()).await?;
        let administrator = postgres.url();
        let (server, _) = administrator.expose_secret().rsplit_once('/').unwrap_or_default();
        let reset = Command::new("diesel")
            .args(["database", "reset"])
            .current_dir(project.join("services").join(row.name))
            .env("DATABASE_URL", format!("{server}/schema_of_{}", row.name.replace('-', "_")))
            .stdin(Stdio::null())
            .status()
            .map_err(Failure::io("running diesel"))?;
        if reset.success() { Ok(()) } else { Failure::say("diesel could not run the migrations") }
    })
}
