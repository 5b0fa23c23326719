//! nginx beside the gateway: one that answers a constant, one that passes requests on to it.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::cpu;

/// Where the constant is answered.
pub const CONSTANT: &str = "http://127.0.0.1:27001";
/// Where requests are passed on to it.
pub const PASSING: &str = "http://127.0.0.1:27002";

/// The two, each a master and its workers.
pub struct Nginx {
    constant: Child,
    passing: Child,
}

impl Nginx {
    /// Starts both; the constant is a JSON text of `bytes`.
    pub fn start(bytes: usize) -> Self {
        let (parts, text) = pieces(bytes);
        let constant = serve(
            "constant",
            &format!(
                "server {{ listen 127.0.0.1:27001; {parts} location / {{ default_type application/json; return 200 '{text}'; }} }}"
            ),
        );
        let pass = "upstream constant { server 127.0.0.1:27001; keepalive 256; } server { listen 127.0.0.1:27002; \
                    location / { proxy_pass http://constant; proxy_http_version 1.1; proxy_set_header Connection \"\"; } }";
        let passing = serve("passing", pass);
        for port in [27_001, 27_002] {
            let begun = Instant::now();
            while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(begun.elapsed() < Duration::from_secs(5), "nginx does not start");
                std::thread::yield_now();
            }
        }
        Self { constant, passing }
    }

    /// Processor seconds of the passing one so far.
    pub fn cpu(&self) -> f64 {
        cpu::of_family(self.passing.id())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        for child in [&mut self.constant, &mut self.passing] {
            let _ = nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(child.id() as i32),
                nix::sys::signal::Signal::SIGTERM,
            );
            let _ = child.wait();
        }
    }
}

/// A JSON text of `bytes`, and the variables it is made of: a word of nginx's configuration has 4 KiB at most.
fn pieces(bytes: usize) -> (String, String) {
    let (mut parts, mut names) = (String::new(), String::new());
    let mut left = bytes.saturating_sub(11);
    while left > 0 {
        let size = left.min(2_048);
        let name = format!("$part{left}");
        parts += &format!("set {name} '{}'; ", "x".repeat(size));
        names += &name;
        left -= size;
    }
    (parts, format!("{{\"text\":\"{names}\"}}"))
}

fn serve(name: &str, servers: &str) -> Child {
    let folder: PathBuf = std::env::temp_dir().join(format!("bench-nginx-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("nginx.conf");
    let user = if nix::unistd::geteuid().is_root() { "user root;" } else { "" };
    let text = format!(
        "{user} daemon off; worker_processes auto; pid {folder}/pid; error_log {folder}/error.log; events {{ worker_connections 2048; }} \
         http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; \
         fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; {servers} }}",
        folder = folder.display()
    );
    std::fs::write(&file, text).unwrap();
    let nginx = if std::path::Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    // In a session of its own, as the fleet's processes are and a server is that an init system starts: by session Linux
    // shares out the cores (`sched(7)`, the autogroup), and in that of its caller it would have to share with it.
    Command::new("setsid").arg(nginx).arg("-c").arg(&file).spawn().expect("nginx runs (Debian's package nginx-light)")
}
