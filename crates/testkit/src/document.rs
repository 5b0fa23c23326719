//! `openapi.json` says what the service does, and says it properly.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::Subject;

/// The kept document is the one that the service makes now; `make openapi` keeps it anew. Every operation has a name of
/// its own, a summary and a tag.
pub fn check_document<S: Subject>() {
    if !server::DESCRIBES {
        panic!("a build without debug assertions knows only what is kept: there is nothing to compare it with");
    }
    let definition = S::definition();
    let (now, file) = (server::openapi(&definition), Path::new(S::FOLDER).join("openapi.json"));
    let complaints = complaints(&serde_json::from_str(&now).unwrap());
    assert!(complaints.is_empty(), "the document of {}:\n{}", definition.name, complaints.join("\n"));
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let first = kept.lines().zip(now.lines()).enumerate().find(|(_, (kept, now))| kept != now);
    let place =
        first.map_or("at its end".to_owned(), |(at, (kept, now))| format!("in line {}:\n- {kept}\n+ {now}", at + 1));
    assert!(kept == now, "{} is not what the service does now ({place}\n): run `make openapi`", file.display());
}

/// The operations of a document: name, method, path, and whether it asks for a token.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, String, bool)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            let open = operation.get("security").and_then(Value::as_array);
            let open =
                open.is_some_and(|ways| ways.iter().any(|way| way.as_object().is_some_and(|way| way.is_empty())));
            (id, method.to_uppercase(), path.clone(), !open)
        })
    });
    all.collect()
}

fn complaints(document: &Value) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut complaints = Vec::new();
    for (id, method, path, _) in operations(document) {
        let operation = &document["paths"][&path][method.to_lowercase()];
        let snake = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') && id.contains('_');
        if !snake {
            complaints
                .push(format!("{method} {path}: operation_id {id:?} does not say what it does, like create_post"));
        }
        if !seen.insert(id.clone()) {
            complaints.push(format!("{method} {path}: operation_id {id:?} is another's"));
        }
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            complaints.push(format!("{method} {path}: its handler has no doc line, so it has no summary"));
        }
        if operation["tags"].as_array().is_none_or(Vec::is_empty) {
            complaints.push(format!("{method} {path}: it has no tag"));
        }
    }
    complaints
}
