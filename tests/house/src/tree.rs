//! The files of a project, as text.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::manifest::Manifest;
use crate::source::Source;

/// What is read as text; of any other file only the name counts.
const TEXTS: [&str; 9] = ["rs", "toml", "sql", "md", "json", "sh", "yml", "yaml", "html"];
const TEXT_NAMES: [&str; 2] = ["Makefile", "run"];

/// Files by their path from the top, with `/` between folders.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    texts: BTreeMap<String, String>,
    sources: BTreeMap<String, Source>,
}

impl Tree {
    /// A tree written down, for tests.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.put(path, text.to_owned());
        }
        tree
    }

    /// The tree below `root`, without what `.gitignore` names from the top.
    pub fn read(root: &Path) -> io::Result<Self> {
        let ignore = std::fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
        let mut skipped: BTreeSet<String> =
            ignore.lines().filter_map(|line| Some(line.strip_prefix('/')?.trim_end_matches('/').to_owned())).collect();
        skipped.insert(".git".into());
        let mut tree = Self::default();
        tree.walk(root, "", &skipped)?;
        Ok(tree)
    }

    fn walk(&mut self, folder: &Path, prefix: &str, skipped: &BTreeSet<String>) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if skipped.contains(&path) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.walk(&entry.path(), &format!("{path}/"), skipped)?;
            } else {
                let text = if is_text(&path) { std::fs::read_to_string(entry.path())? } else { String::new() };
                self.put(&path, text);
            }
        }
        Ok(())
    }

    fn put(&mut self, path: &str, text: String) {
        if path.ends_with(".rs") {
            self.sources.insert(path.into(), Source::new(path, &text));
        }
        self.texts.insert(path.into(), text);
    }

    /// Every path.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.texts.contains_key(path)
    }

    /// Whether there is such a folder.
    pub fn has_folder(&self, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        self.texts.range(prefix.clone()..).next().is_some_and(|(found, _)| found.starts_with(&prefix))
    }

    /// Files whose path starts and ends like this, with their text.
    pub fn files(&self, start: &str, end: &str) -> impl Iterator<Item = (&str, &str)> {
        let fits = move |path: &String| path.starts_with(start) && path.ends_with(end);
        self.texts.iter().filter(move |(path, _)| fits(path)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust file.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// One Rust file.
    pub fn source(&self, path: &str) -> Option<&Source> {
        self.sources.get(path)
    }

    /// The names of the services.
    pub fn services(&self) -> BTreeSet<&str> {
        self.paths().filter_map(|path| path.strip_prefix("services/")?.split_once('/')).map(|(name, _)| name).collect()
    }

    /// The manifests of the workspace's members; one that cannot be read has no tables.
    pub fn members(&self) -> Vec<Manifest> {
        self.files("", "/Cargo.toml").filter_map(|(path, text)| Manifest::of_member(path, text)).collect()
    }

    /// The manifest at the top.
    pub fn root(&self) -> toml::Table {
        self.text("Cargo.toml").and_then(|text| toml::from_str(text).ok()).unwrap_or_default()
    }
}

fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    TEXTS.contains(&ending) || TEXT_NAMES.contains(&name)
}
