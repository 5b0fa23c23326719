//! The manifest of one member of the workspace.

use toml::{Table, Value};

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Plumbing below the services.
    Crate,
    /// One deployable with a database of its own.
    Service,
    /// The public door.
    Gateway,
    /// The local launcher.
    Fleet,
    /// A crate of tests or measures.
    Tests,
}

/// A member's manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Its path.
    pub path: String,
    /// Its folder's own name, which is the package's.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its tables.
    pub tables: Table,
}

/// One dependency of a manifest.
#[derive(Clone, Debug)]
pub struct Dependency<'a> {
    /// The name it is used under.
    pub name: &'a str,
    /// Whether only tests see it.
    pub dev: bool,
    /// What stands behind the name.
    pub spec: &'a Value,
}

impl Manifest {
    /// The manifest at `path`, where that is a member's.
    pub fn of_member(path: &str, text: &str) -> Option<Self> {
        let folder = path.strip_suffix("/Cargo.toml")?;
        let parts: Vec<&str> = folder.split('/').collect();
        let (kind, name) = match parts.as_slice() {
            ["crates", name] => (Kind::Crate, name),
            ["services", name] => (Kind::Service, name),
            ["gateway"] => (Kind::Gateway, &"gateway"),
            ["deploy", "fleet"] => (Kind::Fleet, &"fleet"),
            ["tests", name] => (Kind::Tests, name),
            _ => return None,
        };
        let tables = toml::from_str(text).unwrap_or_default();
        Some(Self { path: path.into(), name: (*name).to_owned(), kind, tables })
    }

    /// Its folder, with a `/` at the end.
    pub fn folder(&self) -> &str {
        self.path.trim_end_matches("Cargo.toml")
    }

    /// Everything that it depends on.
    pub fn dependencies(&self) -> Vec<Dependency<'_>> {
        let sections = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
        let mut all = Vec::new();
        for (section, dev) in sections {
            let tables = std::iter::once(&self.tables).chain(self.targets());
            for table in tables.filter_map(|tables| tables.get(section)?.as_table()) {
                all.extend(table.iter().map(|(name, spec)| Dependency { name, dev, spec }));
            }
        }
        all
    }

    fn targets(&self) -> impl Iterator<Item = &Table> {
        self.tables
            .get("target")
            .and_then(Value::as_table)
            .into_iter()
            .flat_map(Table::values)
            .filter_map(Value::as_table)
    }

    /// The value below these keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Value> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.tables.get(*first)?, |value, key| value.get(key))
    }
}
