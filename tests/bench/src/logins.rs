//! A storm of logins, and what it does to everybody else.

use std::process::Command;

use crate::fleet::Fleet;
use crate::load::Target;
use crate::people::{PASSWORD, Person};
use crate::report::Report;

const SECONDS: u32 = 10;

/// Logins a second, and the p99 of another route with and without the storm.
pub fn measure(fleet: &Fleet, people: &[Person], report: &mut Report) {
    let quiet = Target { method: "GET", origin: fleet.url(""), paths: vec!["/api/v1/users/me".into()], people };
    let alone = quiet.load(8, SECONDS);
    let script = std::env::temp_dir().join("bench-logins.lua");
    std::fs::write(&script, storm(people)).unwrap();
    let mut wrk = Command::new("wrk");
    wrk.args([
        "--threads",
        "1",
        "--connections",
        "8",
        "--duration",
        &format!("{}s", SECONDS + 2),
        "--timeout",
        "10s",
        "--script",
    ]);
    let storm = wrk.arg(&script).arg(fleet.url("")).stdout(std::process::Stdio::piped()).spawn().expect("wrk runs");
    let meanwhile = quiet.load(8, SECONDS);
    let text = String::from_utf8_lossy(&storm.wait_with_output().unwrap().stdout).into_owned();
    let figures: Vec<f64> = text
        .lines()
        .find_map(|line| line.strip_prefix("logins "))
        .unwrap_or_else(|| panic!("wrk says\n{text}"))
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    report.figure("logins a second, argon2id", figures[0] / f64::from(SECONDS + 2), "/s");
    report.figure("logins answered 503, of all", 100.0 * figures[1] / (figures[0] + figures[1]), "%");
    report.figure("p99 of GET /users/me at 8 connections, no logins", alone.p99_ms, "ms");
    report.figure("p99 of GET /users/me at 8 connections, login storm", meanwhile.p99_ms, "ms");
}

fn storm(people: &[Person]) -> String {
    let bodies: Vec<_> = people
        .iter()
        .map(|p| format!("{:?}", serde_json::json!({ "email": p.email, "password": PASSWORD }).to_string()))
        .collect();
    format!(
        r#"
bodies, n, good, busy = {{{bodies}}}, 0, 0, 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local threads = {{}}
setup = function(thread) table.insert(threads, thread) end
request = function() n = n % #bodies + 1; return wrk.format(nil, "/api/v1/auth/login", nil, bodies[n]) end
response = function(status) if status == 200 then good = good + 1 else busy = busy + 1 end end
done = function() print(string.format("logins %d %d", threads[1]:get("good"), threads[1]:get("busy"))) end
"#,
        bodies = bodies.join(",")
    )
}
