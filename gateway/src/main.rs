//! The gateway as a program of its own: `serve`, `healthcheck`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "gateway", version, about = "The fleet's public door")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until told to stop.
    Serve,
    /// Answers 0 when the gateway on this machine is ready.
    Healthcheck,
}

#[tokio::main]
async fn main() -> ExitCode {
    let env = settings::Reader::from_process();
    let ended = match Arguments::parse().command {
        Command::Serve => gateway::run(env).await,
        Command::Healthcheck => gateway::healthcheck(env).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Logs may not be set up: whoever started it reads this.
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}
