//! The gateway's table against the documents of the services: neither knows an operation that the other does not.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Finding, Tree};

const TABLE: &str = "gateway/routes.toml";

/// Operations of a service: `GET /api/v1/posts/{}`.
type Operations<'t> = BTreeMap<&'t str, BTreeSet<String>>;

/// Every operation of a service has a route, and every route to a service an operation.
pub fn known(tree: &Tree) -> Vec<Finding> {
    let (offered, routed) = (offered(tree), routed(tree));
    let none = BTreeSet::new();
    let mut findings = Vec::new();
    for service in tree.services() {
        let (offered, routed) = (offered.get(service).unwrap_or(&none), routed.get(service).unwrap_or(&none));
        for operation in offered.difference(routed) {
            let page = format!("services/{service}/openapi.json");
            findings
                .push(Finding::of(page, format!("`{operation}` has no route: add a row to {TABLE}")).named(operation));
        }
        for operation in routed.difference(offered) {
            let text = format!("`{operation}` leads to {service}, which has no such operation: delete the row");
            findings.push(Finding::of(TABLE, text).named(operation));
        }
    }
    findings
}

fn offered(tree: &Tree) -> Operations<'_> {
    let mut all = Operations::new();
    for service in tree.services() {
        let text = tree.text(&format!("services/{service}/openapi.json")).unwrap_or_default();
        let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        for (path, item) in document.get("paths").and_then(|paths| paths.as_object()).into_iter().flatten() {
            let methods = item.as_object().into_iter().flat_map(|item| item.keys());
            let operations = methods.filter(|key| *key != "parameters").map(|method| operation(method, path));
            all.entry(service).or_default().extend(operations);
        }
    }
    all
}

fn routed(tree: &Tree) -> Operations<'_> {
    let mut all = Operations::new();
    let table: toml::Table = tree.text(TABLE).and_then(|text| toml::from_str(text).ok()).unwrap_or_default();
    for route in table.get("routes").and_then(|routes| routes.as_array()).into_iter().flatten() {
        let field = |name: &str| route.get(name).and_then(|value| value.as_str());
        let service = field("to").and_then(|to| tree.services().into_iter().find(|service| *service == to));
        let (Some(service), Some((method, path)), None) =
            (service, field("on").and_then(|on| on.split_once(' ')), field("alias_of"))
        else {
            continue;
        };
        all.entry(service).or_default().insert(operation(method, path));
    }
    all
}

/// Method and path, whatever the path calls its parameters.
fn operation(method: &str, path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    format!("{} {}", method.to_uppercase(), segments.collect::<Vec<_>>().join("/"))
}
