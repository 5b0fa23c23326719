//! Inside a service: the golden layout, and endpoints that one name finds everywhere.

use crate::source::{Function, Source};
use crate::{Finding, Tree};

const FILES: [&str; 9] = [
    "README.md",
    "openapi.json",
    "src/main.rs",
    "src/lib.rs",
    "src/config.rs",
    "src/state.rs",
    "src/codes.rs",
    "tests/it/main.rs",
    "tests/it/access.rs",
];

/// Folders of `src` that are no resources.
const NO_RESOURCES: [&str; 3] = ["events", "jobs", "ports"];

/// Files of a resource that are no endpoints.
const NO_ENDPOINTS: [&str; 5] = ["mod.rs", "rules.rs", "row.rs", "queries.rs", "tests.rs"];

const VERBS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];

/// What a path inside a service is: the service, the folder of `src` and the file.
pub struct Place<'a> {
    /// The service.
    pub service: &'a str,
    /// The folder of `src`, or nothing.
    pub folder: Option<&'a str>,
    /// The path below that.
    pub file: &'a str,
}

/// Where a source of a service is.
pub fn place(path: &str) -> Option<Place<'_>> {
    let (service, rest) = path.strip_prefix("services/")?.split_once('/')?;
    let rest = rest.strip_prefix("src/")?;
    Some(match rest.split_once('/') {
        Some((folder, file)) => Place { service, folder: Some(folder), file },
        None => Place { service, folder: None, file: rest },
    })
}

/// Whether it is a resource's file that holds an endpoint, or what endpoints share.
pub fn is_endpoint_file(path: &str) -> bool {
    place(path).is_some_and(|place| {
        place.folder.is_some_and(|folder| !NO_RESOURCES.contains(&folder)) && !NO_ENDPOINTS.contains(&place.file)
    })
}

/// The handlers of a file: functions below `#[get(…)]` and its like.
pub fn handlers(source: &Source) -> Vec<Function> {
    let is_verb = |path: &String| VERBS.contains(&path.as_str());
    source.functions().into_iter().filter(|function| function.attributes.iter().any(is_verb)).collect()
}

fn endpoint_files(tree: &Tree) -> impl Iterator<Item = (&Source, Vec<Function>)> {
    let files = tree.sources().filter(|source| source.path.starts_with("services/") && !source.is_test());
    files.map(|source| (source, handlers(source))).filter(|(_, handlers)| !handlers.is_empty())
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The files that each service has.
pub fn layout(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for service in tree.services().into_iter().filter(|name| *name != "README.md") {
        let folder = format!("services/{service}");
        let missing = FILES.iter().filter(|file| !tree.has(&format!("{folder}/{file}")));
        found.extend(missing.map(|file| Finding::of(format!("{folder}/{file}"), "is missing from the golden layout")));
        let database = tree.has_folder(&format!("{folder}/migrations"));
        if database && !tree.has(&format!("{folder}/src/schema.rs")) {
            found.push(Finding::of(format!("{folder}/src/schema.rs"), "is missing: `make schema` writes it"));
        }
    }
    found
}

/// `fn main` hands over to the server.
pub fn main_is_one_line(tree: &Tree) -> Vec<Finding> {
    let mains = tree.files("services/", "/src/main.rs").filter_map(|(path, _)| tree.source(path));
    let judged = mains.filter(|source| {
        let functions = source.functions();
        let short = functions.iter().all(|function| function.name == "main" && function.lines <= 3);
        !(functions.len() == 1 && short && source.says("server::main("))
    });
    judged.map(|source| Finding::of(&source.path, "main is one line: `server::main(<service>::service)`")).collect()
}

/// One endpoint a file, its handler named after the file's verb: `create` or `create_post` in `create.rs`. What answers
/// the same by another method has its name and more: `set` and `set_by_post`.
pub fn endpoint_names(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (source, handlers) in endpoint_files(tree) {
        if !is_endpoint_file(&source.path) {
            found.push(Finding::of(
                &source.path,
                "an endpoint outside a resource's folder: one file each, named after its verb",
            ));
            continue;
        }
        let verb = |name: &str| name.split('_').next().unwrap_or_default().to_owned();
        for handler in handlers.iter().filter(|handler| verb(&handler.name) != verb(stem(&source.path))) {
            let text = format!("the handler {} is not named after its file's verb", handler.name);
            found.push(Finding::at(&source.path, handler.line, text).named(&handler.name));
        }
        let same = |first: &Function, other: &Function| other.name.starts_with(&format!("{}_", first.name));
        let strangers =
            handlers.iter().skip(1).filter(|other| handlers.first().is_some_and(|first| !same(first, other)));
        for second in strangers {
            let text = format!("{} is a second endpoint: one file each", second.name);
            found.push(Finding::at(&source.path, second.line, text).named(&second.name));
        }
    }
    found
}

/// `src/posts/create.rs` is tested in `tests/it/posts/create.rs`.
pub fn endpoint_tests(tree: &Tree) -> Vec<Finding> {
    let files = endpoint_files(tree).map(|(source, _)| source.path.clone());
    let events = tree.files("services/", ".rs").map(|(path, _)| path.to_owned()).filter(|path| {
        place(path)
            .is_some_and(|place| place.folder == Some("events") && place.file != "mod.rs" && place.file != "tests.rs")
    });
    let expected = files.chain(events).map(|path| (path.replacen("/src/", "/tests/it/", 1), path));
    let missing = expected.filter(|(test, _)| !tree.has(test));
    missing.map(|(test, path)| Finding::of(path, format!("has no test in {test}"))).collect()
}

/// State is built once, in `service`.
pub fn no_statics(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| place(&source.path).is_some()) {
        for kind in ["OnceLock", "OnceCell", "LazyLock", "LazyCell", "lazy_static", "thread_local", "static mut"] {
            let lines = source.lines_of(kind);
            let text = format!("{kind}: state is built once in `service()`, so that two fleets fit in one process");
            found.extend(lines.iter().map(|line| Finding::at(&source.path, *line, text.clone())));
        }
    }
    found
}

/// `Admin`, `Coach` and their like are arguments; no body asks for a role.
pub fn caller_is_an_argument(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources().filter(|source| is_endpoint_file(&source.path)) {
        for pattern in [".is_admin", ".is_coach"] {
            let lines = source.lines_of(pattern);
            let text = format!("{pattern} in an endpoint: take `Admin` or `Coach` as an argument");
            found.extend(lines.iter().map(|line| Finding::at(&source.path, *line, text.clone())));
        }
    }
    found
}
