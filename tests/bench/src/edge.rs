//! The gateway against nginx: JSON passed through, with identity, on the same upstream.

use std::process::Child;
use std::time::{Duration, Instant};

use crate::cpu;
use crate::fleet::{self, Fleet};
use crate::load::{Load, Target};
use crate::nginx::{CONSTANT, Nginx, PASSING};
use crate::people::Person;
use crate::report::Report;

const ROUNDS: usize = 5;
const SECONDS: u32 = 4;
const GATEWAY_PORT: u16 = 27_003;

/// Ratios to nginx at 64 and 256 connections: rounds in turn, the median of each round's ratio.
pub fn measure(fleet: &Fleet, people: &[Person], report: &mut Report) {
    let nginx = Nginx::start(300);
    let mut gateway = gateway(fleet);
    let target = |origin: &str| Target {
        method: "GET",
        origin: origin.to_owned(),
        paths: vec!["/api/v1/posts/01970000-0000-7000-8000-000000000001".into()],
        people,
    };
    let (ours, theirs) = (target(&format!("http://127.0.0.1:{GATEWAY_PORT}")), target(PASSING));
    ready(&ours);
    for connections in [64, 256] {
        let (mut speed, mut cost, mut absolute) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (a, a_cpu) = timed(&theirs, connections, || nginx.cpu());
            let (b, b_cpu) = timed(&ours, connections, || cpu::of(&[gateway.id()]));
            assert_eq!((a.failed, b.failed), (0.0, 0.0), "requests failed");
            speed.push(b.per_second / a.per_second);
            cost.push((b_cpu / b.requests) / (a_cpu / a.requests));
            absolute.push(b_cpu / b.requests * 1e5);
        }
        report.at_least(format!("gateway req/s to nginx, {connections} connections"), median(speed), "x", 1.0);
        report.at_most(format!("gateway CPU to nginx, {connections} connections"), median(cost), "x", 1.0);
        report.figure(format!("gateway CPU per 100k requests, {connections} connections"), median(absolute), "s");
    }
    let _ = gateway.kill();
    let _ = gateway.wait();
}

/// One run, and the processor seconds it took.
pub fn timed(target: &Target<'_>, connections: u32, cpu: impl Fn() -> f64) -> (Load, f64) {
    let before = cpu();
    let load = target.load(connections, SECONDS);
    (load, cpu() - before)
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A gateway like the fleet's own, but that its posts are nginx's constant, and that it serves on as many threads as it
/// takes where no launcher tells it otherwise: one per core, as nginx does.
fn gateway(fleet: &Fleet) -> Child {
    let told =
        std::fs::read(format!("/proc/{}/environ", fleet.pid("gateway"))).expect("what the fleet's gateway was told");
    let told = String::from_utf8(told).expect("text");
    let mut command = fleet::command(&["serve", "gateway"]);
    command.env_clear().envs(told.split('\0').filter_map(|variable| variable.split_once('=')));
    command
        .env_remove("WORKERS")
        .env("UPSTREAM_POSTS", CONSTANT)
        .env("PORT", GATEWAY_PORT.to_string())
        .env("INTERNAL_PORT", (GATEWAY_PORT + 1).to_string());
    command.stdout(std::process::Stdio::null()).spawn().expect("a gateway")
}

fn ready(target: &Target<'_>) {
    let begun = Instant::now();
    loop {
        if std::net::TcpStream::connect(("127.0.0.1", GATEWAY_PORT)).is_ok() && target.load(1, 1).failed == 0.0 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the gateway is not ready");
    }
}
