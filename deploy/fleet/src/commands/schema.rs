//! `schema.rs`, from a database that the migrations of a service have just made.

use std::process::{Command, Stdio};

use backing::{DatabaseSpec, Postgres};
use settings::ExposeSecret;

use super::known;
use crate::failure::Failure;
use crate::place::Place;
use crate::say::Steps;
use crate::supervisor::block_on;

/// Its database has no other use, and is emptied each time.
const SCRATCH: &str = "schema";

/// Runs the migrations on an empty database; diesel then writes the file that the service's diesel.toml names.
pub fn write(place: &Place, name: &str) -> Result<(), Failure> {
    let row = known(name)?;
    let Some(project) = &place.project else {
        return Failure::say("call it inside the project");
    };
    let folder = project.join("services").join(row.name);
    let mut plan = place.plan()?;
    plan.databases = vec![DatabaseSpec::new(SCRATCH, SCRATCH)];
    block_on(async {
        // It goes on running: a fleet that starts later adopts it, and one that runs is not disturbed.
        let postgres = Postgres::start(&plan, &Steps::begin()).await?;
        let Some(owner) = postgres.owner_url(SCRATCH) else {
            return Failure::say("PostgreSQL has no database for this");
        };
        for arguments in [["migration", "revert"].as_slice(), &["migration", "run"]] {
            diesel(&folder, arguments, owner.expose_secret())?;
        }
        Ok(())
    })
}

fn diesel(folder: &std::path::Path, arguments: &[&str], database: &str) -> Result<(), Failure> {
    let mut command = Command::new("diesel");
    let all: &[&str] = if arguments.ends_with(&["revert"]) { &["--all"] } else { &[] };
    command.args(arguments).args(all).current_dir(folder).env("DATABASE_URL", database).stdin(Stdio::null());
    let status = command.status().map_err(Failure::io("running diesel"))?;
    if status.success() { Ok(()) } else { Failure::say(format!("diesel {} failed", arguments.join(" "))) }
}
