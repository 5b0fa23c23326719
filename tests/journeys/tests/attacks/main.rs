//! What attackers of accounts try, and what they get: one check a case, driven through the gateway as a client would.
//!
//! It prints a line for each check, and at the end how many of how many hold; the test fails where one does not. The
//! fleet is its own, in `target/attacks`. First the checks that disturb nobody, several at once; then, one by one, those
//! that measure time, shift clocks or need the fleet for themselves; last, all logs are read for what no log may hold.
//! The table of checks is [`rows`]; how it is run stands in [`report`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, reason = "a client of the fleet, not a part of it")]

#[allow(dead_code, reason = "the tests of auth ask more of it")]
#[path = "../../../../services/auth/tests/it/passkeys/authenticator.rs"]
mod authenticator;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/clock_travel.rs"]
mod clock_travel;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/fleet.rs"]
mod fleet;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/mail.rs"]
mod mail;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/person.rs"]
mod person;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/provider.rs"]
mod provider;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/revocation.rs"]
mod revocation;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/service_tokens.rs"]
mod service_tokens;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/traveller.rs"]
mod traveller;
#[allow(dead_code, reason = "the journeys ask more of it")]
#[path = "../it/wait.rs"]
mod wait;

mod app;
mod canaries;
mod cast;
mod forge;
mod raw;
mod report;
mod statistics;
mod timing;
mod variables;

mod administrators;
mod claims;
mod cookies;
mod enumeration;
mod factors;
mod guessing;
mod key_names;
mod letters;
mod links;
mod passkeys;
mod passwords;
mod proofs;
mod providers;
mod sessions;
mod tokens;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;

use crate::fleet::Fleet;
use crate::report::Row;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let checks = report::chosen(rows(), &arguments);
    if arguments.list {
        checks.iter().for_each(|check| println!("{}: test", check.name()));
        return ExitCode::SUCCESS;
    }
    if checks.is_empty() {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _provider = provider::Provider::start();
    let fleet = Arc::new(Fleet::up());
    let all_hold = runtime.block_on(report::run(&fleet, checks));
    let down = fleet::run(&["down"]);
    if all_hold && down.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every row with its checks, in the order in which those run that run alone.
fn rows() -> Vec<Row> {
    vec![
        tokens::a1(),
        key_names::a2(),
        claims::a3(),
        claims::a4(),
        sessions::a5(),
        sessions::a6(),
        links::a8(),
        proofs::a9(),
        passwords::a11(),
        passwords::a12(),
        factors::a13(),
        passkeys::a14(),
        providers::a15(),
        cookies::a17(),
        letters::e1(),
        letters::e2(),
        guessing::a10(),
        enumeration::a7(),
        administrators::a16(),
        canaries::a18(),
    ]
}
