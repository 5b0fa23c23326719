//! What is typed: each command in a few lines, or in a file of its own.

pub mod admin;
mod background;
mod beside;
pub mod keys;
pub mod logs;
pub mod schema;
mod show;
pub mod trail;
pub mod travel;

pub use background::{down, reset, up};
#[cfg(test)]
pub use show::shown;
pub use show::{status, table};

use std::path::PathBuf;
use std::process::ExitCode;

use settings::Reader;

use crate::failure::Failure;
use crate::place::Place;
use crate::say::{complain, say};
use crate::skeleton;
use crate::table::{GATEWAY, Row, SERVICES, service};

fn known(name: &str) -> Result<&'static Row, Failure> {
    let names: Vec<&str> = SERVICES.iter().map(|row| row.name).collect();
    service(name).ok_or_else(|| Failure::Said(format!("there is no service {name:?}, but {}", names.join(", "))))
}

/// Serves one service, or the gateway, as the environment says.
pub fn serve(name: &str, env: Reader) -> Result<ExitCode, Failure> {
    alone();
    let (text, code) = match name {
        GATEWAY => match serve_gateway(env)? {
            Ok(()) => return Ok(ExitCode::SUCCESS),
            Err(error) => (error.to_string(), ExitCode::FAILURE),
        },
        _ => match server::serve((known(name)?.define)(), env) {
            Ok(()) => return Ok(ExitCode::SUCCESS),
            Err(error) => (error.to_string(), error.exit_code()),
        },
    };
    complain(format_args!("{name}: {text}"));
    Ok(code)
}

/// A session of its own: Ctrl-C reaches the supervisor alone, which ends the others in order, and where the kernel shares
/// processors out by session (`sched_autogroup_enabled`), no service takes another's share, as in containers.
fn alone() {
    // It has one already when a shell started it by hand.
    let _ = nix::unistd::setsid();
}

/// Its requests have threads of their own; this runtime does what is beside them.
fn serve_gateway(env: Reader) -> Result<Result<(), gateway::Error>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    Ok(runtime.map_err(Failure::io("starting"))?.block_on(gateway::run(env)))
}

/// Brings a service's database and queues to this version.
pub fn migrate(name: &str, env: Reader) -> Result<(), Failure> {
    alone();
    Ok(server::migrate((known(name)?.define)(), env)?)
}

/// Prints a service's document, or writes every one into the sources.
pub fn openapi(place: &Place, name: Option<&str>) -> Result<(), Failure> {
    if let Some(name) = name {
        say(server::openapi(&(known(name)?.define)()).trim_end());
        return Ok(());
    }
    let Some(project) = &place.project else {
        return Failure::say("call it inside the project, or name a service");
    };
    for row in SERVICES {
        let file = project.join("services").join(row.name).join("openapi.json");
        let text = server::openapi(&(row.define)());
        std::fs::write(&file, text).map_err(Failure::io(format!("writing {}", file.display())))?;
        say(file.strip_prefix(project).unwrap_or(&file).display());
    }
    Ok(())
}

/// Makes a new service from the skeleton.
pub fn new(project: Option<PathBuf>, name: &str) -> Result<(), Failure> {
    let project = project.ok_or_else(|| Failure::Said("call it inside the project".into()))?;
    skeleton::make(&project, name)
}
