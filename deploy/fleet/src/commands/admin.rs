//! Makes the first administrator, whom no other administrator can appoint.

use std::io::IsTerminal;
use std::process::{Command, Stdio};

use auth::accounts::appoint::{Appointed, Refused};
use auth::operate::appoint_admin;
use settings::{Reader, SecretString};

use super::beside::Beside;
use crate::failure::Failure;
use crate::place::Place;
use crate::say::say;
use crate::supervisor::block_on;

/// What auth is told of passwords, where the launcher was.
const PASSED_ON: [&str; 4] =
    ["AUTH_PASSWORD_SCHEME", "AUTH_HASH_PERMITS", "AUTH_PASSWORD_COMMON", "AUTH_PASSWORD_CONTEXT"];

/// Appoints; asks for a password where one is needed and `AUTH_ADMIN_PASSWORD` says none.
pub fn appoint(place: &Place, email: &str, mut env: Reader) -> Result<(), Failure> {
    let given: Option<SecretString> = env.optional("AUTH_ADMIN_PASSWORD");
    block_on(async {
        let beside = Beside::auth(place, env, &PASSED_ON).await?;
        let mut outcome = appoint_admin(beside.env(), beside.clock.clone(), email, given.as_ref()).await;
        if matches!(outcome, Err(Refused::PasswordNeeded)) {
            outcome = appoint_admin(beside.env(), beside.clock.clone(), email, Some(&asked()?)).await;
        }
        match outcome {
            Ok(appointed) => say(words(&appointed, email)),
            Err(refused) => return Failure::say(refused.to_string()),
        }
        Ok(())
    })
}

fn words(appointed: &Appointed, email: &str) -> String {
    match appointed {
        Appointed::Created => format!("{email} is a new administrator"),
        Appointed::Promoted => format!("{email} is an administrator now; whoever was signed in there signs in again"),
        Appointed::Already => format!("{email} was an administrator already"),
    }
}

fn asked() -> Result<SecretString, Failure> {
    if !std::io::stdin().is_terminal() {
        return Failure::say("say the password in AUTH_ADMIN_PASSWORD, or call it from a terminal");
    }
    say("A password for the new administrator (it is not shown):");
    echo(false);
    let mut text = String::new();
    let read = std::io::stdin().read_line(&mut text);
    echo(true);
    read.map_err(Failure::io("reading the password"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

fn echo(on: bool) {
    // A terminal that cannot hide it shows it.
    let _ = Command::new("stty").arg(if on { "echo" } else { "-echo" }).stdin(Stdio::inherit()).status();
}
