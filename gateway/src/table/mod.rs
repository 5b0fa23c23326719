//! The route table: what may enter, where it goes, under which conditions.
//!
//! One file ([`EMBEDDED`] or `ROUTES_FILE`) says it all; a [`Table`] is that file checked and compiled, never changed
//! afterwards, replaced whole by [`reload`]. Start with [`Table::parse`] and [`Table::find`].

pub(crate) mod reload;
mod route;
mod tree;

#[cfg(test)]
mod tests;

use serde::Deserialize;

pub(crate) use route::{Class, Page, Route, Target, Who};
pub(crate) use tree::Place;

/// The table that is used where `ROUTES_FILE` names no other.
pub(crate) const EMBEDDED: &str = include_str!("../../routes.toml");

/// All routes, compiled.
#[derive(Debug)]
pub(crate) struct Table {
    routes: Vec<Route>,
    root: tree::Node,
}

/// What is wrong with a table, for whoever wrote it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadTable(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    routes: Vec<route::Line>,
}

impl Table {
    /// Reads and checks a table whose routes lead to `services` alone.
    pub(crate) fn parse(text: &str, services: &[&str]) -> Result<Self, BadTable> {
        let file: File = toml::from_str(text).map_err(|e| BadTable(e.to_string()))?;
        let routes = file.routes.iter().map(|line| Route::read(line, services)).collect::<Result<Vec<_>, _>>()?;
        let mut root = tree::Node::default();
        for (index, route) in routes.iter().enumerate() {
            root.add(route, index)?;
        }
        for line in file.routes.iter().filter(|line| line.alias_of.is_some()) {
            let canonical = line.alias_of.as_deref().unwrap_or_default();
            if !file.routes.iter().any(|other| other.on == canonical && other.to == line.to && other.alias_of.is_none())
            {
                return Err(BadTable(format!("{}: there is no {canonical} of {}", line.on, line.to)));
            }
        }
        root.seal();
        Ok(Self { routes, root })
    }

    /// The services that a table names, each once; nothing where it cannot be read.
    pub(crate) fn services_of(text: &str) -> Vec<String> {
        let Ok(file) = toml::from_str::<File>(text) else { return Vec::new() };
        let mut names: Vec<_> =
            file.routes.into_iter().map(|line| line.to).filter(|to| to != route::OURSELVES).collect();
        names.sort();
        names.dedup();
        names
    }

    /// What stands at this canonical path.
    pub(crate) fn find(&self, path: &str) -> Option<&Place> {
        self.root.find(path)
    }

    /// The route with this index.
    pub(crate) fn route(&self, index: usize) -> Option<&Route> {
        self.routes.get(index)
    }

    /// All routes, in the order of the file.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }
}
