//! The hot routes through the gateway, against nginx passing a constant on and against their bare statements.

use crate::cpu;
use crate::edge::{median, timed};
use crate::fleet::Fleet;
use crate::load::{Load, Target};
use crate::nginx::{Nginx, PASSING};
use crate::people::Person;
use crate::pgbench;
use crate::report::Report;
use crate::seed;

const ROUNDS: usize = 3;
const SECONDS: u32 = 4;
/// What a service works on at once without sending anybody away: four times its eight connections to PostgreSQL.
const MOST_AT_ONCE: u32 = 32;
/// More pairs of person and post than one run of likes asks for: a like that is there already costs a fraction.
const LIKES: usize = 60_000;
/// Route and bare statement read for the same persons and the same posts: enough that there is more than one, few enough
/// that preparing a statement for each costs nothing.
const PAIRS: usize = 16;

/// One route and its bounds.
struct Route<'r> {
    name: &'static str,
    service: &'static str,
    database: &'static str,
    method: &'static str,
    /// One list of paths per run, so that no like is asked for twice.
    paths: Vec<Vec<String>>,
    /// The bare statement, for several pairs of person and post.
    bare: Vec<String>,
    /// The size of its answer, for nginx's constant.
    bytes: usize,
    /// Processor time of gateway and service at most so many times nginx's.
    cpu_bound: f64,
    people: &'r [Person],
}

/// req/s, p50 and p99 at 1, 8 and 64 connections, CPU of ours and of PostgreSQL.
pub async fn measure(fleet: &Fleet, people: &[Person], report: &mut Report) {
    for route in routes(fleet, people).await {
        let nginx = Nginx::start(route.bytes);
        route.measure(fleet, &nginx, report).await;
    }
}

impl Route<'_> {
    async fn measure(&self, fleet: &Fleet, nginx: &Nginx, report: &mut Report) {
        let passing = Target { method: "GET", origin: PASSING.into(), paths: vec!["/".into()], people: self.people };
        let mut lists = self.paths.iter();
        let mut run =
            async |connections| self.run(fleet, lists.next().expect("a list of paths for each run"), connections).await;
        run(8).await;
        let (one, ..) = run(1).await;
        self.speed(1, one, report);
        let nothing = passing.load(1, SECONDS);
        let statement = pgbench::run(fleet, self.database, &self.bare, 1, SECONDS);
        for connections in [8, 64] {
            let (mut ratios, mut absolute, mut sql, mut last) = (Vec::new(), Vec::new(), Vec::new(), one);
            for _ in 0..ROUNDS {
                let (theirs, theirs_used) = timed(&passing, connections, || nginx.cpu());
                let (load, used, in_postgres) = run(connections).await;
                let bare = pgbench::run(fleet, self.database, &self.bare, 8, SECONDS);
                ratios.push(used / (theirs_used / theirs.requests));
                absolute.push(used * 1e5);
                sql.push(in_postgres / bare.cpu_each);
                last = load;
            }
            self.speed(connections, last, report);
            let of = format!("{} at {connections}", self.name);
            report.figure(format!("{of}: sent away"), 100.0 * last.failed / last.requests, "%");
            report.figure(format!("{of}: CPU of gateway and service per 100k"), median(absolute), "s");
            report.at_most(format!("{of}: CPU of gateway and service to nginx's"), median(ratios), "x", self.cpu_bound);
            report.at_most(format!("{of}: PostgreSQL's CPU to the bare statement's"), median(sql), "x", 1.3);
        }
        report.at_most(
            format!("{}: p50 at 1 connection to bare statement + nginx", self.name),
            one.p50_ms / (statement.latency_ms + nothing.p50_ms),
            "x",
            1.3,
        );
    }

    /// One run, and the processor seconds of one request: ours, and PostgreSQL's. The events of the requests, and theirs
    /// alone, are a part of it.
    async fn run(&self, fleet: &Fleet, paths: &[String], connections: u32) -> (Load, f64, f64) {
        let target = Target { method: self.method, origin: fleet.url(""), paths: paths.to_vec(), people: self.people };
        let ours = [fleet.pid("gateway"), fleet.pid(self.service)];
        let used = || (cpu::of(&ours), cpu::of_family(fleet.pid("postgres")));
        fleet.until_all_is_told(self.database).await;
        let before = used();
        let load = target.load(connections, SECONDS);
        fleet.until_all_is_told(self.database).await;
        let after = used();
        let is_read = self.method == "GET";
        assert!(is_read || load.requests <= paths.len() as f64, "{}: some were asked for twice", self.name);
        // More than a service works on at once may be sent away while the disk stalls; fewer may not.
        assert!(load.failed == 0.0 || connections > MOST_AT_ONCE, "{}: {} requests failed", self.name, load.failed);
        (load, (after.0 - before.0) / load.requests, (after.1 - before.1) / load.requests)
    }

    fn speed(&self, connections: u32, load: Load, report: &mut Report) {
        let of = format!("{} at {connections}", self.name);
        report.figure(format!("{of}: req/s"), load.per_second, "/s");
        report.figure(format!("{of}: p50"), load.p50_ms, "ms");
        report.figure(format!("{of}: p99"), load.p99_ms, "ms");
    }
}

/// Persons with a post each.
fn pairs<'p>(people: &'p [Person], posts: &'p [String]) -> impl Iterator<Item = (&'p str, &'p str)> {
    let people = people.iter().map(|person| person.id.as_str()).cycle();
    people.zip(posts.iter().map(String::as_str)).take(PAIRS)
}

async fn routes<'r>(fleet: &Fleet, people: &'r [Person]) -> Vec<Route<'r>> {
    let runs = 2 * ROUNDS + 2;
    let fresh = seed::unliked(fleet, people, (LIKES * runs) as i64).await;
    let same = |paths: Vec<String>| vec![paths; runs];
    let list = || vec!["/api/v1/posts".to_owned()];
    let read = fresh.iter().take(PAIRS).map(|id| format!("/api/v1/posts/{id}")).collect();
    let like =
        fresh.chunks(LIKES).map(|ids| ids.iter().map(|id| format!("/api/v1/posts/{id}/like")).collect()).collect();
    let get = |name, service, database, paths, bare: &str, cpu_bound| Route {
        name,
        service,
        database,
        method: "GET",
        paths,
        bare: pairs(people, &fresh).map(|(me, post)| bare.replace("{me}", me).replace("{post}", post)).collect(),
        bytes: 0,
        cpu_bound,
        people: people.get(..PAIRS).unwrap_or(people),
    };
    let mut routes = vec![
        get(
            "GET /users/me",
            "users",
            "user_db",
            same(vec!["/api/v1/users/me".into()]),
            include_str!("statements/me.sql"),
            2.8,
        ),
        get("GET /posts", "posts", "post_db", same(list()), include_str!("statements/list.sql"), 3.7),
        get("GET /posts/{id}", "posts", "post_db", same(read), include_str!("statements/get.sql"), 3.1),
        Route {
            method: "PUT",
            bare: vec![include_str!("statements/like.sql").into()],
            people,
            ..get("PUT /posts/{id}/like", "posts", "post_db", like, "", 3.3)
        },
    ];
    for route in &mut routes {
        let first = fleet.http.get(fleet.url(&route.paths[0][0])).bearer_auth(&people[0].access);
        let answer =
            if route.method == "GET" { first.send().await.unwrap().text().await.unwrap() } else { String::new() };
        route.bytes = answer.len().max(11);
    }
    routes
}
