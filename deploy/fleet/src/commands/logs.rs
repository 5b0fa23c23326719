//! The logs of every process.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Failure;
use crate::place::Place;
use crate::record::Record;
use crate::say::say;

const LOOK: Duration = Duration::from_millis(200);

/// A log and how far it has been read.
struct Log {
    name: String,
    path: PathBuf,
    read: u64,
}

/// Every log of a fleet with its name, whether it runs or not.
pub fn all(place: &Place) -> Vec<(String, PathBuf)> {
    let own = std::iter::once("fleet").chain(Place::names()).map(|name| (name.to_owned(), place.log(name)));
    let record = Record::read(place).unwrap_or_default();
    let servers = ["postgres", "rabbitmq", "redis", "mongodb"].map(|name| {
        let usual = place.servers().join("logs").join(format!("{name}.log"));
        let known = record.servers.get(name).map(|part| part.log.clone());
        (name.to_owned(), known.unwrap_or(usual))
    });
    own.chain(servers).filter(|(_, path)| path.is_file()).collect()
}

/// Shows the last lines of one log or of all, and what comes after them.
pub fn show(place: &Place, name: Option<&str>, follow: bool, lines: usize) -> Result<(), Failure> {
    let mut logs: Vec<Log> = all(place)
        .into_iter()
        .filter(|(own, _)| name.is_none_or(|name| name == own))
        .map(|(name, path)| Log { name, path, read: 0 })
        .collect();
    if logs.is_empty() {
        return Failure::say(format!("there is no log of {}", name.unwrap_or("anything yet")));
    }
    let several = logs.len() > 1;
    for log in &mut logs {
        let text = log.rest();
        let all: Vec<&str> = text.lines().collect();
        for line in all.get(all.len().saturating_sub(lines)..).unwrap_or_default() {
            log.tell(line, several);
        }
    }
    if !follow {
        return Ok(());
    }
    loop {
        for log in &mut logs {
            let text = log.rest();
            text.lines().for_each(|line| log.tell(line, several));
        }
        std::thread::sleep(LOOK);
    }
}

impl Log {
    /// What has come since it was last read; a log that was put aside is read from its start.
    fn rest(&mut self) -> String {
        let mut text = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            let shorter = file.metadata()?.len() < self.read;
            file.seek(SeekFrom::Start(if shorter { 0 } else { self.read }))?;
            file.read_to_end(&mut text)?;
            file.stream_position()
        });
        self.read = read.unwrap_or(self.read);
        String::from_utf8_lossy(&text).into_owned()
    }

    fn tell(&self, line: &str, several: bool) {
        if several {
            say(format_args!("{:<14} {line}", self.name));
        } else {
            say(line);
        }
    }
}
