//! The Erlang applications that RabbitMQ needs to run, without the plugins that come along.
//!
//! Erlang looks for each of some thousand modules in every folder of its path, and a node loads all modules of what it
//! finds: with 75 plugins in the path a start takes 5 s, with these 20 applications 2.3 s (measured on 3.10.8).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::Error;

/// A folder of links to what `rabbit` depends on, made anew at each start; the whole plugin folder if that cannot be
/// told.
pub(crate) fn only_needed(home: &Path, installed: &Path) -> Result<PathBuf, Error> {
    let plugins = installed.join("plugins");
    let all = found(&plugins);
    let needed = closure(&all, "rabbit");
    if needed.is_empty() {
        return Ok(plugins);
    }
    let dir = home.join("applications");
    fs::remove_dir_all(&dir).ok();
    fs::create_dir(&dir).map_err(Error::io("making", &dir))?;
    for path in needed.iter().filter_map(|name| all.get(name)).map(|(path, _)| path) {
        let link = dir.join(path.file_name().unwrap_or_default());
        symlink(path, &link).map_err(Error::io("linking", &link))?;
    }
    Ok(dir)
}

/// Each application's folder, and the text of its description.
fn found(plugins: &Path) -> BTreeMap<String, (PathBuf, String)> {
    let entries = fs::read_dir(plugins).map(|entries| entries.flatten().collect()).unwrap_or_else(|_| Vec::new());
    entries
        .into_iter()
        .filter_map(|entry| {
            let folder = entry.file_name().into_string().ok()?;
            let name = folder.rsplit_once('-').map_or(folder.as_str(), |(name, _version)| name);
            let text = fs::read_to_string(entry.path().join("ebin").join(format!("{name}.app"))).ok()?;
            Some((name.to_owned(), (entry.path(), text)))
        })
        .collect()
}

/// One application and all that it needs, of those that are there: the rest is Erlang's own.
fn closure(all: &BTreeMap<String, (PathBuf, String)>, first: &str) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    let mut open = vec![first.to_owned()];
    while let Some(name) = open.pop() {
        if let Some((_, text)) = all.get(&name)
            && needed.insert(name)
        {
            open.extend(dependencies(text));
        }
    }
    needed
}

/// The names in `{applications, [kernel, stdlib, 'ra', …]}`.
pub(crate) fn dependencies(text: &str) -> Vec<String> {
    let list = text
        .match_indices("applications")
        .filter_map(|(at, word)| text.get(..at)?.trim_end().ends_with('{').then_some(at + word.len()))
        .find_map(|from| text.get(from..)?.split_once('[')?.1.split_once(']').map(|(list, _)| list))
        .unwrap_or_default();
    list.split(',').map(|name| name.trim().trim_matches('\'').to_owned()).filter(|name| !name.is_empty()).collect()
}
