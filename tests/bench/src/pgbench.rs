//! The bare statement of a route under pgbench, prepared.

use std::path::Path;
use std::process::Command;

use crate::cpu;
use crate::fleet::Fleet;

/// What one run of pgbench says.
#[derive(Debug, Clone, Copy)]
pub struct Bare {
    /// PostgreSQL's processor seconds for one statement.
    pub cpu_each: f64,
    /// Mean latency.
    pub latency_ms: f64,
}

/// Runs scripts of pgbench against a database, in turn by chance, over so many connections.
pub fn run(fleet: &Fleet, database: &str, scripts: &[String], connections: u32, seconds: u32) -> Bare {
    let mut files = Vec::new();
    for (n, script) in scripts.iter().enumerate() {
        let file = std::env::temp_dir().join(format!("bench-{}-{n}.sql", std::process::id()));
        std::fs::write(&file, script).unwrap();
        files.push(format!("--file={}", file.display()));
    }
    let before = cpu::of_family(fleet.pid("postgres"));
    let out = Command::new(program())
        .args([
            "--no-vacuum",
            "--protocol",
            "prepared",
            "--client",
            &connections.to_string(),
            "--time",
            &seconds.to_string(),
        ])
        .args(&files)
        .arg(fleet.database(database))
        .output()
        .expect("pgbench runs (Debian's package postgresql-contrib)");
    let used = cpu::of_family(fleet.pid("postgres")) - before;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let figure = |label: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(label));
        let line = line.unwrap_or_else(|| panic!("pgbench says\n{text}{}", String::from_utf8_lossy(&out.stderr)));
        line.split_whitespace().find_map(|word| word.parse().ok()).unwrap()
    };
    let done = figure("number of transactions actually processed:");
    Bare { cpu_each: used / done, latency_ms: figure("latency average =") }
}

/// Debian keeps pgbench beside each version's server.
fn program() -> String {
    let versions = (15..30).rev().map(|version| format!("/usr/lib/postgresql/{version}/bin/pgbench"));
    versions.into_iter().find(|path| Path::new(path).exists()).unwrap_or_else(|| "pgbench".to_owned())
}
