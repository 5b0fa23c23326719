//! Load by `wrk`: a closed loop of so many connections, with the tokens of all people in turn.

use std::path::PathBuf;
use std::process::Command;

use crate::people::Person;

/// What one run of `wrk` says.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub requests: f64,
    pub failed: f64,
}

/// What to ask for: a method, and paths taken in turn.
pub struct Target<'t> {
    pub method: &'t str,
    pub origin: String,
    pub paths: Vec<String>,
    pub people: &'t [Person],
}

impl Target<'_> {
    /// Runs for so many seconds over so many connections.
    pub fn load(&self, connections: u32, seconds: u32) -> Load {
        let script = self.script();
        let out = Command::new("wrk")
            .args([
                "--threads",
                "1",
                "--latency",
                "--connections",
                &connections.to_string(),
                "--duration",
                &format!("{seconds}s"),
            ])
            .args(["--timeout", "10s", "--script"])
            .arg(&script)
            .arg(&self.origin)
            .output()
            .expect("wrk runs (Debian's package wrk)");
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let line = text.lines().find(|line| line.starts_with("figures ")).unwrap_or_else(|| panic!("wrk says\n{text}"));
        let figures: Vec<f64> = line.split_whitespace().skip(1).map(|figure| figure.parse().unwrap()).collect();
        let [requests, micros, p50, p99, failed] = figures[..] else { panic!("wrk says\n{text}") };
        Load { per_second: requests / micros * 1e6, p50_ms: p50 / 1e3, p99_ms: p99 / 1e3, requests, failed }
    }

    fn script(&self) -> PathBuf {
        let list = |items: Vec<String>| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(",");
        let text = format!(
            r#"
local paths, tokens = {{{paths}}}, {{{tokens}}}
local ready, n = {{}}, 0
init = function()
  for i = 1, math.max(#paths, #tokens) do
    local headers = {{ ["Authorization"] = "Bearer " .. tokens[(i - 1) % #tokens + 1] }}
    ready[i] = wrk.format("{method}", paths[(i - 1) % #paths + 1], headers)
  end
end
request = function() n = n % #ready + 1; return ready[n] end
local bad = 0
done = function(summary, latency)
  local errors = summary.errors
  bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("figures %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad))
end
"#,
            paths = list(self.paths.clone()),
            tokens = list(self.people.iter().map(|person| person.access.clone()).collect()),
            method = self.method,
        );
        let file = std::env::temp_dir().join(format!("bench-{}-{}.lua", std::process::id(), self.paths.len()));
        std::fs::write(&file, text).unwrap();
        file
    }
}
