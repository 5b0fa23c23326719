//! Makes a new service from `deploy/skeleton`.
//!
//! The skeleton is a whole service whose name is a placeholder. A copy gets its name, a port and the tables of outbox
//! and erasure, and a line in each of the four lists that name services; no crate is touched.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::say::say;

/// Lists that name every service: the file, and where the new line goes.
const LISTS: [List; 4] = [
    List { file: "Cargo.toml", after: "path = \"services/", line: "{kebab} = { path = \"services/{kebab}\" }\n" },
    List { file: "deploy/fleet/Cargo.toml", after: "notifications.workspace", line: "{kebab}.workspace = true\n" },
    List {
        file: "deploy/fleet/src/table.rs",
        after: "    Row { name:",
        line: "    Row { name: \"{kebab}\", database: \"{snake}_db\", define: {snake}::service, secrets: &[] },\n",
    },
    List { file: "gateway/routes.toml", after: "  { on =", line: "" },
];

/// A list and the last of its lines.
struct List {
    file: &'static str,
    after: &'static str,
    line: &'static str,
}

/// A service to be.
struct New {
    kebab: String,
    snake: String,
    camel: String,
    port: u16,
}

/// Copies the skeleton into `project` as the service `name`.
pub fn make(project: &Path, name: &str) -> Result<(), Failure> {
    let mut service = New::named(name)?;
    service.port = free_port(project)?;
    let folder = project.join("services").join(name);
    if folder.exists() {
        return Failure::say(format!("{} is there already", folder.display()));
    }
    let skeleton = project.join("deploy/skeleton");
    for file in files(&skeleton)? {
        if file != Path::new("routes.toml") {
            copy(&service, &skeleton.join(&file), &folder.join(&file))?;
        }
    }
    for owner in ["crates/outbox/migrations", "crates/gdpr/migrations"] {
        let steps = project.join(owner);
        for file in files(&steps)? {
            copy(&service, &steps.join(&file), &folder.join("migrations").join(&file))?;
        }
    }
    for list in LISTS {
        let line = if list.line.is_empty() { read(&skeleton.join("routes.toml"))? } else { list.line.to_owned() };
        add(&project.join(list.file), list.after, &service.filled(&line))?;
    }
    say(format_args!("services/{name}: port {}, database {}_db", service.port, service.snake));
    say("Read services/README.md, then start with its README and tests/it/entries/create.rs.");
    Ok(())
}

impl New {
    fn named(name: &str) -> Result<Self, Failure> {
        let words: Vec<&str> = name.split('-').collect();
        let is_word = |word: &&str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit())
        };
        if !words.iter().all(is_word) || name.len() > 30 {
            return Failure::say(format!("{name:?} is no name for a service: lower-case words with - between them"));
        }
        let camel = words.iter().map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        });
        Ok(Self { kebab: name.to_owned(), snake: words.join("_"), camel: camel.collect(), port: 0 })
    }

    fn filled(&self, text: &str) -> String {
        let filled = text.replace("skeleton-name", &self.kebab).replace("skeleton_name", &self.snake);
        let filled = filled.replace("SkeletonName", &self.camel).replace("5999", &self.port.to_string());
        filled.replace("{kebab}", &self.kebab).replace("{snake}", &self.snake)
    }
}

/// One more than the highest of the five thousands that a service has.
fn free_port(project: &Path) -> Result<u16, Failure> {
    let mut highest = 5_010;
    let services = project.join("services");
    for file in files(&services)?.iter().filter(|file| file.ends_with("src/lib.rs")) {
        let text = read(&services.join(file))?;
        let port = text.lines().find_map(|line| line.trim().strip_prefix("port: ")?.trim_end_matches(',').parse().ok());
        highest = highest.max(port.filter(|port| (5_000..5_999).contains(port)).unwrap_or(0));
    }
    Ok(highest + 1)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        let path = folder.join(&inside);
        let entries = std::fs::read_dir(&path).map_err(Failure::io(format!("reading {}", path.display())))?;
        for entry in entries.flatten() {
            let inside = inside.join(entry.file_name());
            if entry.path().is_dir() { folders.push(inside) } else { found.push(inside) }
        }
    }
    Ok(found)
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(Failure::io(format!("reading {}", file.display())))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(Failure::io(format!("writing {}", file.display())))
}

fn copy(service: &New, from: &Path, to: &Path) -> Result<(), Failure> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder).map_err(Failure::io(format!("making {}", folder.display())))?;
    write(to, &service.filled(&read(from)?))
}

/// Adds lines behind the last one that begins or goes on like this.
fn add(file: &Path, after: &str, lines: &str) -> Result<(), Failure> {
    let text = read(file)?;
    let last = text.rfind(after).and_then(|at| Some(at + text.get(at..)?.find('\n')? + 1));
    let Some((before, behind)) = last.and_then(|at| text.split_at_checked(at)) else {
        return Failure::say(format!("{} has no line with {after:?} to go behind", file.display()));
    };
    write(file, &format!("{before}{lines}{behind}"))
}
