//! `schema.rs`, from a database that the migrations of a service have just made.

use std::path::Path;
use std::process::{Command, Stdio};

use backing::{DatabaseSpec, Postgres};
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
    let database = format!("schema_of_{}", row.name.replace('-', "_"));
    block_on(async {
        // It goes on running: a fleet that starts later adopts it, and one that runs is not disturbed.
        let postgres = Postgres::start(&plan, &Steps::begin()).await?;
        let administrator = postgres.url();
        let (server, _) = administrator.expose_secret().rsplit_once('/').unwrap_or_default();
        let url = format!("{server}/{database}");
        let folder = project.join("services").join(row.name);
        diesel(&folder, &url, ["database", "drop"])?;
        postgres.ensure_databases(&[DatabaseSpec::new(&database, &database)]).await?;
        diesel(&folder, &url, ["migration", "run"])
    })
}

fn diesel(folder: &Path, url: &str, arguments: [&str; 2]) -> Result<(), Failure> {
    let mut command = Command::new("diesel");
    command.args(arguments).current_dir(folder).env("DATABASE_URL", url).stdin(Stdio::null());
    let status = command.status().map_err(Failure::io("running diesel"))?;
    if status.success() { Ok(()) } else { Failure::say(format!("diesel {} failed", arguments.join(" "))) }
}
