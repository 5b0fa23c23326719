//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use settings::Reader;

use crate::commands::{self, admin, keys, logs, schema, trail, travel};
use crate::failure::Failure;
use crate::place::Place;
use crate::say::complain;
use crate::supervisor;

/// Runs the whole fleet on this machine.
#[derive(Debug, Parser)]
#[command(name = "fleet", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts everything in the background; done when the gateway is healthy.
    Up,
    /// Starts everything and stays; Ctrl-C stops all.
    Run,
    /// Stops everything that was started, and nothing else.
    Down,
    /// Says what runs where.
    Status,
    /// Shows the last lines of a log, or of all.
    Logs {
        /// A service, `gateway`, `fleet`, `postgres`, `rabbitmq`, `redis` or `mongodb`.
        name: Option<String>,
        /// Goes on as lines come.
        #[arg(short, long)]
        follow: bool,
        /// How many lines.
        #[arg(short = 'n', long, default_value_t = 40)]
        lines: usize,
    },
    /// Stops everything and deletes its databases, queues, mails and secrets.
    Reset {
        /// Without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Shifts the clock of every process: a date and time, `+36h`, `-2d` or `now`.
    Travel {
        /// Where to.
        #[arg(allow_hyphen_values = true)]
        to: String,
    },
    /// Makes an administrator, or makes an account one.
    Admin {
        /// Whose.
        email: String,
    },
    /// Changes the key that signs tokens, now.
    RotateKeys {
        /// Whoever stole the old one gets nothing by it: its tokens are refused.
        #[arg(long)]
        compromised: bool,
    },
    /// Shows one request across all logs.
    Trail {
        /// Its X-Request-Id.
        id: String,
    },
    /// Prints a service's OpenAPI document, or writes all of them into the sources.
    Openapi {
        /// The service.
        name: Option<String>,
    },
    /// Prints a service's schema.rs, read from a database that its migrations made.
    Schema {
        /// The service.
        name: String,
    },
    /// Makes a new service from the skeleton.
    New {
        /// Its name.
        name: String,
        /// The project's folder, where it is not this one.
        #[arg(long)]
        project: Option<PathBuf>,
    },
    /// Serves one service or the gateway, told by the environment alone.
    Serve {
        /// Which.
        name: String,
    },
    /// Brings a service's database and queues to this version.
    Migrate {
        /// Which.
        name: String,
    },
    /// What `up` leaves in the background.
    #[command(hide = true)]
    Supervise,
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            complain(format_args!("fleet: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    let mut env = Reader::from_process();
    match command {
        Command::Serve { name } => return commands::serve(&name, env),
        Command::Migrate { name } => return commands::migrate(&name, env).map(done),
        _ => {}
    }
    let place = Place::read(&mut env);
    match command {
        Command::Up => commands::up(&place),
        Command::Run => supervisor::run(&place, env).map(done),
        Command::Supervise => supervisor::in_background(&place, env).map(done),
        Command::Down => commands::down(&place).map(done),
        Command::Status => commands::status(&place),
        Command::Logs { name, follow, lines } => logs::show(&place, name.as_deref(), follow, lines).map(done),
        Command::Reset { yes } => commands::reset(&place, yes).map(done),
        Command::Travel { to } => travel::to(&place, &to).map(done),
        Command::Admin { email } => admin::appoint(&place, &email, env).map(done),
        Command::RotateKeys { compromised } => keys::rotate(&place, compromised, env).map(done),
        Command::Trail { id } => trail::show(&place, &id).map(done),
        Command::Openapi { name } => commands::openapi(&place, name.as_deref()).map(done),
        Command::Schema { name } => schema::write(&place, &name).map(done),
        Command::New { name, project } => commands::new(project.or(place.project), &name).map(done),
        Command::Serve { .. } | Command::Migrate { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}
