//! What runs where.

use std::process::ExitCode;

use serde_json::Value;

use crate::call::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::processes::Alive;
use crate::record::{Part, Record};
use crate::say::say;
use crate::supervisor::block_on;
use crate::table::GATEWAY;

/// The address without credentials.
pub fn shown(url: &str) -> String {
    match (url.split_once("://"), url.split_once('@')) {
        (Some((scheme, _)), Some((_, host))) => {
            format!("{scheme}://{}", host.split(['/', '?']).next().unwrap_or(host))
        }
        _ => url.to_owned(),
    }
}

fn line(name: &str, part: &Part, state: &str) -> String {
    let pid = part.pid.map_or("-".to_owned(), |pid| pid.to_string());
    let log = part.log.display();
    format!("{name:<14} {:<28} {pid:>8}  {state:<9} {log}\n", shown(&part.url)).trim_end().to_owned() + "\n"
}

/// A line for each process.
pub fn table(record: &Record) -> String {
    let lines: String = record.parts().iter().map(|(name, part)| line(name, part, "")).collect();
    format!("\n{lines}{:<14} {}", "mail", record.mail_dir.display())
}

/// What runs and how it is; a failure where nothing does, or something is not well.
pub fn status(place: &Place) -> Result<ExitCode, Failure> {
    block_on(running(place))
}

/// The same, as part of something else.
pub async fn running(place: &Place) -> Result<ExitCode, Failure> {
    let Some(record) = Record::read(place) else {
        say("nothing runs: `make up`");
        return Ok(ExitCode::FAILURE);
    };
    let mut well = true;
    for (name, part) in record.parts() {
        let state = state(place, name, part, record.servers.contains_key(name)).await;
        well &= matches!(state.as_str(), "healthy" | "runs" | "elsewhere");
        say(line(name, part, &state).trim_end());
    }
    say(format_args!("{:<14} {}", "mail", record.mail_dir.display()));
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn state(place: &Place, name: &str, part: &Part, is_server: bool) -> String {
    match part.pid {
        None => return "elsewhere".into(),
        Some(pid) if Alive::of(pid).is_none() => return "ended".into(),
        Some(_) if is_server => return "runs".into(),
        Some(_) => {}
    }
    match call("GET", place.port(name), "/health").await {
        Ok((_, health)) => health.get("status").and_then(Value::as_str).unwrap_or("unclear").to_owned(),
        Err(_) if name == GATEWAY => "silent".into(),
        Err(_) => "silent".into(),
    }
}
