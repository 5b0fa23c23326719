//! One description of the whole API, merged from those of the services; only what the table routes is in it.
//!
//! A service that is away keeps what it said last. Two schemas of one name that differ get their service's name in
//! front. Start with [`merged`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, watch};

use crate::fetch;
use crate::shared::Shared;
use crate::table::{Table, Target};

/// How often services are asked: until all have answered, and afterwards.
const SOON: Duration = Duration::from_secs(2);
const LATER: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(3);

const SCHEMAS: &str = "#/components/schemas/";

/// The description as it stands.
pub(crate) struct Described {
    document: ArcSwap<Bytes>,
    parts: Mutex<BTreeMap<String, Value>>,
}

impl Default for Described {
    fn default() -> Self {
        let empty = merged(&BTreeMap::new(), |_, _, _| true).to_string();
        Self { document: ArcSwap::from_pointee(empty.into()), parts: Mutex::default() }
    }
}

impl Described {
    /// The merged document.
    pub(crate) fn document(&self) -> Bytes {
        Bytes::clone(&self.document.load())
    }

    /// Reads the services' descriptions again and again, until told to stop.
    pub(crate) async fn watch(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let complete = shared.described.refresh(&shared).await;
            tokio::select! {
                () = tokio::time::sleep(if complete { LATER } else { SOON }) => {}
                told = stop.changed() => if told.is_err() { return },
            }
        }
    }

    /// Asks every service once; answers whether all are known.
    async fn refresh(&self, shared: &Shared) -> bool {
        let mut parts = self.parts.lock().await;
        for known in shared.fleet.known() {
            let Some(internal) = known.internal() else { continue };
            if let Ok((200, body)) = fetch::get(&internal, "/openapi.json", ANSWER).await
                && let Ok(part) = serde_json::from_slice(&body)
            {
                parts.insert(known.name.clone(), part);
            }
        }
        let table = shared.routes.table();
        let names: Vec<&str> = shared.fleet.known().iter().map(|known| known.name.as_str()).collect();
        let routed = |service: &str, method: &str, path: &str| is_routed(&table, &names, (service, method, path));
        self.document.store(Arc::new(merged(&parts, routed).to_string().into()));
        parts.len() == names.len()
    }
}

/// Whether the table leads this operation to this service.
fn is_routed(table: &Table, names: &[&str], (service, method, path): (&str, &str, &str)) -> bool {
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
    let route = method.ok().and_then(|method| table.find(path)?.route(&method)).and_then(|index| table.route(index));
    let target = route.map(|route| route.target);
    matches!(target, Some(Target::Service(index)) if names.get(index) == Some(&service))
}

/// The descriptions of `parts` as one, of the operations that are `routed` (service, method, path).
pub(crate) fn merged(parts: &BTreeMap<String, Value>, routed: impl Fn(&str, &str, &str) -> bool) -> Value {
    let mut whole = Whole::default();
    for (service, part) in parts {
        whole.add(service, part, &routed);
    }
    let bearer = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" });
    whole.schemes.entry("bearer").or_insert(bearer);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fleet",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every path under `/api/v1/` is also answered as `/api/…` and as `/…`. \
                            Refusals are `application/problem+json` in French or English.",
        },
        "servers": [{ "url": "/" }],
        "tags": whole.tags.into_iter().map(|(name, tag)| {
            let mut tag = tag;
            tag.insert("name".into(), name.into());
            Value::Object(tag)
        }).collect::<Vec<_>>(),
        "paths": whole.paths,
        "components": { "schemas": whole.schemas, "securitySchemes": whole.schemes },
    })
}

#[derive(Default)]
struct Whole {
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
    schemes: Map<String, Value>,
    tags: BTreeMap<String, Map<String, Value>>,
}

impl Whole {
    fn add(&mut self, service: &str, part: &Value, routed: &impl Fn(&str, &str, &str) -> bool) {
        let mut part = part.clone();
        self.rename_clashes(service, &mut part);
        if let Some(Value::Object(paths)) = part.get("paths") {
            for (path, operations) in paths {
                let operations = operations.as_object().into_iter().flatten();
                for (method, operation) in operations.filter(|(method, _)| routed(service, method, path)) {
                    let place = self.paths.entry(path.as_str()).or_insert_with(|| json!({}));
                    if let Some(place) = place.as_object_mut() {
                        place.entry(method.as_str()).or_insert_with(|| operation.clone());
                    }
                }
            }
        }
        for (kind, into) in [("schemas", &mut self.schemas), ("securitySchemes", &mut self.schemes)] {
            let found = part.pointer(&format!("/components/{kind}")).and_then(Value::as_object);
            into.extend(found.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        }
        for tag in part.get("tags").and_then(Value::as_array).into_iter().flatten() {
            if let (Some(name), Some(tag)) = (tag.get("name").and_then(Value::as_str), tag.as_object()) {
                self.tags.entry(name.to_owned()).or_insert_with(|| tag.clone());
            }
        }
    }

    /// Puts the service's name before its schemas that are others' by the same name and not the same.
    fn rename_clashes(&self, service: &str, part: &mut Value) {
        let schemas = part.pointer("/components/schemas").and_then(Value::as_object);
        let clashing: Vec<String> = schemas
            .into_iter()
            .flatten()
            .filter(|(name, schema)| self.schemas.get(*name).is_some_and(|other| other != *schema))
            .map(|(name, _)| name.clone())
            .collect();
        if clashing.is_empty() {
            return;
        }
        let new_name = |name: &str| format!("{service}.{name}");
        rename_refs(part, &|name| clashing.iter().any(|one| one == name).then(|| new_name(name)));
        if let Some(schemas) = part.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
            for name in &clashing {
                if let Some(schema) = schemas.remove(name) {
                    schemas.insert(new_name(name), schema);
                }
            }
        }
    }
}

fn rename_refs(value: &mut Value, renamed: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let name = member.as_str().filter(|_| key == "$ref").and_then(|target| target.strip_prefix(SCHEMAS));
                match name.and_then(renamed) {
                    Some(name) => *member = format!("{SCHEMAS}{name}").into(),
                    None => rename_refs(member, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_refs(item, renamed)),
        _ => {}
    }
}
