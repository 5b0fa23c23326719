//! What the fleet costs, measured side by side with plain programs in one run, as ratios.
//!
//! Starts a fleet of its own in release, fills it (1 million posts, 10 million likes, 1 million comments, 10,000 users),
//! and loads it with `wrk` while nginx and pgbench do the comparable least beside it. Run it by `make bench`; it needs
//! Debian's `nginx-light`, `wrk` and `postgresql-contrib` (pgbench). Each room measures one thing and returns lines for
//! the report.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, reason = "a client of the fleet, not a part of it")]

mod cpu;
mod edge;
mod events;
mod fleet;
mod idle;
mod load;
mod nginx;
mod open_loop;
mod people;
mod pgbench;
mod report;
mod routes;
mod seed;
mod storm;
mod tokens;

use crate::fleet::Fleet;
use crate::report::Report;

#[tokio::main]
async fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wants = |room: &str| wanted.is_empty() || wanted.iter().any(|name| name == room);
    let mut report = Report::default();
    if wants("tokens") {
        tokens::measure(&mut report);
    }
    if wanted.is_empty() || wanted.iter().any(|room| room != "tokens") {
        rooms_of_the_fleet(&wants, &mut report).await;
    }
    println!("\n{report}");
    if report.has_failed() {
        std::process::exit(1);
    }
}

/// What needs a running fleet.
async fn rooms_of_the_fleet(wants: &impl Fn(&str) -> bool, report: &mut Report) {
    let fleet = Fleet::up(report);
    if wants("idle") {
        idle::measure(&fleet, report);
    }
    let people = people::sign_up(&fleet, 64).await;
    if wants("edge") {
        edge::measure(&fleet, &people, report);
    }
    if wants("routes") {
        seed::fill(&fleet, &people).await;
        seed::number(&fleet, &people).await;
        routes::measure(&fleet, &people, report).await;
    }
    if wants("events") {
        events::measure(&fleet, &people, report).await;
    }
    if wants("storm") {
        storm::measure(&fleet, report).await;
    }
    fleet.down();
}
