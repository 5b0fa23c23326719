use std::path::{Path, PathBuf};
use std::time::Duration;

use backing::{Plan, Ports};
use settings::{ExposeSecret, SecretString};
use tokio_postgres::{Client, NoTls};

/// A folder with its servers, all gone when it is dropped, however the test ends.
pub struct Yard {
    pub dir: PathBuf,
    pub ports: Ports,
}

impl Yard {
    pub fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("backing-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self { dir, ports: Ports::free().unwrap() }
    }

    /// Built programs are shared by all tests and kept between runs.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::new(&self.dir, self.ports);
        plan.bin = built();
        plan
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        let dir = self.dir.clone();
        // A test's own runtime cannot be waited on from within.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(backing::stop_all(&dir)).unwrap();
            for root in [dir.join("fleet"), dir.clone()] {
                backing::erase(&root).unwrap();
            }
            std::fs::remove_dir_all(&dir).unwrap();
        })
        .join()
        .unwrap();
    }
}

/// Where FerretDB is built to: beside the test itself, unless the test was sent elsewhere with one that is built.
pub fn built() -> PathBuf {
    std::env::var_os(BIN).map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("bin"), PathBuf::from)
}

/// Names another folder for built programs.
pub const BIN: &str = "BACKING_TEST_BIN";

/// Shows each step beside the test's name.
pub fn told(text: &str) {
    eprintln!("  {text}");
}

/// A connection, or why not.
pub async fn enter(url: &SecretString) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url.expose_secret(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The SQLSTATE of a refusal.
pub fn code<T>(answer: Result<T, tokio_postgres::Error>) -> String {
    let error = answer.err().expect("a refusal");
    error.code().expect("a refusal by the server").code().to_owned()
}

/// Waits until something holds, 20 s at most.
pub async fn until<T>(what: &str, mut holds: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(value) = holds().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// The name of a process' program.
pub fn program(pid: Option<u32>) -> String {
    let link = std::fs::read_link(format!("/proc/{}/exe", pid.unwrap())).unwrap();
    link.file_name().unwrap().to_string_lossy().into_owned()
}

/// Who listens where: every address and port of a process' listening sockets.
pub fn listens(pid: Option<u32>) -> Vec<String> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{}/fd", pid.unwrap()))
        .unwrap()
        .filter_map(|entry| Some(std::fs::read_link(entry.ok()?.path()).ok()?.to_string_lossy().into_owned()))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut all = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        for fields in text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()) {
            // State 0A is LISTEN; field 9 is the socket's inode.
            if fields.get(3) == Some(&"0A") && sockets.iter().any(|inode| fields.get(9) == Some(&inode.as_str())) {
                let (address, port) = fields[1].split_once(':').unwrap();
                all.push(format!("{address}:{}", u16::from_str_radix(port, 16).unwrap()));
            }
        }
    }
    all.sort();
    all
}

/// On which addresses somebody listens at a port.
pub fn heard_on(port: u16) -> Vec<String> {
    let port = format!(":{port:04X}");
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap_or_default());
    let lines = tables.iter().flat_map(|text| text.lines()).map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines
        .filter(|fields| fields.get(3) == Some(&"0A"))
        .filter_map(|fields| Some(fields.get(1)?.strip_suffix(&port)?.to_owned()))
        .collect()
}

/// 127.0.0.1 as the kernel writes it.
pub const LOOPBACK: &str = "0100007F";
/// The same for ::1.
pub const LOOPBACK_V6: &str = "00000000000000000000000001000000";

/// The same URL with another password.
pub fn with_wrong_password(url: &SecretString) -> String {
    let mut url = url::Url::parse(url.expose_secret()).unwrap();
    url.set_password(Some("wrong")).unwrap();
    url.into()
}
