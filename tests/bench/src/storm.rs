//! A storm of logins, four times as many as all cores can hash, and what it does to everybody else: with argon2id, and in
//! the same run with bcrypt of cost 12.
//!
//! The storm and the others come at a steady rate, whatever the answers take. Client, servers and fleet share the cores,
//! so what the storm does to the client counts as well: compare the two, not with what a client elsewhere would see.

use std::time::Instant;

use auth::passwords::{Scheme, scheme};
use serde_json::json;

use crate::cpu;
use crate::fleet::Fleet;
use crate::open_loop::{self, Sample, percentile};
use crate::people::{self, PASSWORD, Person};
use crate::report::Report;

const SECONDS: u32 = 20;
/// What everybody else asks for meanwhile.
const OTHERS: f64 = 500.0;
const PEOPLE: usize = 64;
/// So many times what all cores can hash.
const TOO_MANY: f64 = 4.0;
/// What one hash of argon2id takes while it is made.
const HASH_MIB: f64 = 19.0;

/// What a storm was.
struct Storm {
    /// Logins a second that opened a session.
    logins: f64,
    /// The p99 of the others, in ms.
    others: f64,
    /// The same to that without a storm.
    slowed: f64,
}

/// Both storms, and how one compares to the other.
pub async fn measure(fleet: &Fleet, report: &mut Report) {
    let argon2id = storm(fleet, Scheme::Argon2id, report).await;
    let bcrypt = storm(fleet, Scheme::Bcrypt, report).await;
    report.figure("logins a second in a storm, argon2id to bcrypt", argon2id.logins / bcrypt.logins, "");
    report.figure("p99 of GET /users/me in a storm, argon2id to bcrypt", argon2id.others / bcrypt.others, "");
    report.at_most("p99 of GET /users/me, storm to none, argon2id", argon2id.slowed, "", 1.5);
    report.figure("p99 of GET /users/me, storm to none, bcrypt", bcrypt.slowed, "");
}

fn name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Argon2id => "argon2id",
        Scheme::Bcrypt => "bcrypt",
    }
}

/// One storm, on a fleet that was started for it.
async fn storm(fleet: &Fleet, scheme: Scheme, report: &mut Report) -> Storm {
    let named = name(scheme);
    let fleet = fleet.again(&[("AUTH_PASSWORD_SCHEME", named)]);
    // Whoever signs in has his password hashed anew, where it was hashed in the other way.
    let people = people::sign_up(&fleet, PEOPLE).await;
    are_hashed(&fleet, scheme).await;
    let (hash, cores) = (hash_secs(scheme), std::thread::available_parallelism().map_or(1, usize::from) as f64);
    report.figure(format!("a hash on one core, {named}"), hash * 1e3, "ms");
    let quiet = others(&fleet, &people).await;
    let before = cpu::resident_mib(fleet.pid("auth"));
    let rate = TOO_MANY * cores / hash;
    let (meanwhile, logins) = tokio::join!(others(&fleet, &people), all_at_once(&fleet, &people, rate));
    let most = cpu::most_mib(fleet.pid("auth"));
    report.figure(format!("logins a second asked for, {named}"), rate, "/s");
    let logins = told(&logins, named, report);
    let failed = meanwhile.iter().filter(|sample| sample.status != 200).count();
    report.at_most(format!("others that failed in a storm, {named}"), failed as f64, "", 0.0);
    let (none, others) = (percentile(&quiet, 0.99), percentile(&meanwhile, 0.99));
    report.figure(format!("p99 of GET /users/me at {OTHERS}/s, no logins, {named}"), none, "ms");
    report.figure(format!("p99 of GET /users/me at {OTHERS}/s, storm, {named}"), others, "ms");
    report.at_most(format!("memory of auth at its most, {named}"), most, "MiB", before + HASH_MIB * cores);
    Storm { logins, others, slowed: others / none }
}

/// What became of the logins; answers how many a second opened a session.
fn told(samples: &[Sample], named: &str, report: &mut Report) -> f64 {
    let with = |status: u16| samples.iter().copied().filter(|sample| sample.status == status).collect::<Vec<_>>();
    let (done, busy) = (with(200), with(503));
    let per_second = done.len() as f64 / f64::from(SECONDS);
    report.figure(format!("logins a second done, {named}"), per_second, "/s");
    report.figure(format!("p99 of a login that was done, {named}"), percentile(&done, 0.99), "ms");
    report.figure(format!("logins answered 503, of all, {named}"), 100.0 * share(&busy, samples), "%");
    report.at_most(format!("p50 of a login that was answered 503, {named}"), percentile(&busy, 0.5), "ms", 50.0);
    let others = samples.len() - done.len() - busy.len();
    report.at_most(format!("logins answered otherwise, {named}"), others as f64, "", 0.0);
    per_second
}

fn share(some: &[Sample], all: &[Sample]) -> f64 {
    some.len() as f64 / all.len() as f64
}

async fn others(fleet: &Fleet, people: &[Person]) -> Vec<Sample> {
    let url = fleet.url("/api/v1/users/me");
    open_loop::run(OTHERS, SECONDS, |n| fleet.http.get(&url).bearer_auth(&people[n % people.len()].access)).await
}

async fn all_at_once(fleet: &Fleet, people: &[Person], rate: f64) -> Vec<Sample> {
    let url = fleet.url("/api/v1/auth/login");
    let login = |n: usize| json!({ "email": people[n % people.len()].email, "password": PASSWORD });
    open_loop::run(rate, SECONDS, |n| fleet.http.post(&url).json(&login(n))).await
}

/// How long a hash takes where nothing else is done.
fn hash_secs(scheme: Scheme) -> f64 {
    let mut workspace = scheme::Workspace::default();
    let (begun, times) = (Instant::now(), 4);
    for _ in 0..times {
        scheme::hash(scheme, PASSWORD, &mut workspace).unwrap();
    }
    begun.elapsed().as_secs_f64() / f64::from(times)
}

/// All are, or the figures mean nothing.
async fn are_hashed(fleet: &Fleet, scheme: Scheme) {
    let like = match scheme {
        Scheme::Argon2id => "$argon2id$v=19$m=19456,t=2,p=1$%",
        Scheme::Bcrypt => "$2b$12$%",
    };
    let others = "SELECT count(*) FROM users WHERE email LIKE 'bench%' AND password_hash NOT LIKE $1";
    let count: i64 = fleet.sql("auth_db").await.query_one(others, &[&like]).await.unwrap().get(0);
    assert_eq!(count, 0, "passwords that are hashed otherwise than by {}", name(scheme));
}
