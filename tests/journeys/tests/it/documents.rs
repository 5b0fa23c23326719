//! The documents that a client's author reads.

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;

use crate::fleet::Fleet;
use crate::person::{Person, send};

async fn merged(fleet: &Fleet) -> Value {
    send(fleet.http.get(fleet.url("/api/v1/openapi.json"))).await.is(200).json()
}

/// Method and path of every operation of a document.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let methods =
        |path: &Value| path.as_object().unwrap().keys().filter(|key| *key != "parameters").cloned().collect::<Vec<_>>();
    paths.iter().flat_map(|(path, item)| methods(item).into_iter().map(move |method| (method, path.clone()))).collect()
}

pub async fn the_merged_document_has_every_operation(fleet: Arc<Fleet>) {
    let whole = merged(&fleet).await;
    assert_eq!(whole["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
    let all = operations(&whole);
    let mut ids = BTreeSet::new();
    for item in whole["paths"].as_object().unwrap().values() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} without an id: {operation}"));
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
    }
    for service in ["auth", "users", "posts", "notifications"] {
        let own = send(fleet.http.get(fleet.internal(service, "/openapi.json"))).await.is(200).json();
        for operation in operations(&own) {
            assert!(
                all.contains(&operation) || operation.1.starts_with("/health"),
                "{service}: {operation:?} is not in the merged document"
            );
        }
    }
}

/// Each example body is sent as it stands: none is refused as unreadable or invalid.
pub async fn every_example_works(fleet: Arc<Fleet>) {
    let document = merged(&fleet).await;
    let ada = Person::new(&fleet).await;
    let mut tried = 0;
    for (method, path) in operations(&document) {
        let operation = &document["paths"][&path][&method];
        let content = &operation["requestBody"]["content"]["application/json"];
        if content.is_null() {
            continue;
        }
        let example = example_of(&document, content).unwrap_or_else(|| panic!("{method} {path} has no example"));
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = path.replace("{id}", "01970000-0000-7000-8000-0000000000ff");
        let answer =
            send(fleet.http.request(method.clone(), fleet.url(&path)).bearer_auth(&ada.access).json(&example)).await;
        assert!(
            ![400, 405, 415, 422].contains(&answer.status) || token_example(&answer.text),
            "{method} {path} {example}: {}",
            answer.text
        );
        tried += 1;
        if path.ends_with("/logout") {
            return Box::pin(the_rest(&fleet, tried)).await;
        }
    }
    assert!(tried >= 8, "{tried} examples");
}

/// Signing out ended the session that tried the examples; what remains is counted, and tried in a new one.
async fn the_rest(fleet: &Fleet, before: usize) {
    let document = merged(fleet).await;
    let ada = Person::new(fleet).await;
    let mut tried = before;
    for (method, path) in operations(&document).into_iter().filter(|(_, path)| !path.ends_with("/logout")) {
        let content = &document["paths"][&path][&method]["requestBody"]["content"]["application/json"];
        let Some(example) = example_of(&document, content) else { continue };
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = path.replace("{id}", "01970000-0000-7000-8000-0000000000ff");
        let answer =
            send(fleet.http.request(method.clone(), fleet.url(&path)).bearer_auth(&ada.access).json(&example)).await;
        assert!(
            ![400, 405, 415, 422].contains(&answer.status) || token_example(&answer.text),
            "{method} {path} {example}: {}",
            answer.text
        );
        tried += 1;
    }
    assert!(tried >= 8, "{tried} examples");
}

/// A single-use token or code in an example was never issued, and nobody signed it; that alone may be wrong with it.
fn token_example(text: &str) -> bool {
    ["\"token_invalid\"", "\"code_invalid\"", "\"signature_invalid\""].iter().any(|code| text.contains(code))
}

fn example_of(document: &Value, content: &Value) -> Option<Value> {
    if !content["example"].is_null() {
        return Some(content["example"].clone());
    }
    let schema = &content["schema"];
    let schema = schema["oneOf"]
        .as_array()
        .and_then(|kinds| kinds.iter().find(|kind| kind["$ref"].is_string()))
        .unwrap_or(schema);
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#'))?,
        None => schema,
    };
    [&schema["example"], &schema["examples"][0]].into_iter().find(|example| !example.is_null()).cloned()
}

pub async fn the_pages_are_served(fleet: Arc<Fleet>) {
    let docs = send(fleet.http.get(fleet.url("/api/docs"))).await.is(200);
    assert!(docs.header("content-type").starts_with("text/html") && docs.text.contains("swagger"), "{}", docs.text);
    let script = send(fleet.http.get(fleet.url("/api/docs/swagger-ui-bundle.js"))).await.is(200);
    assert!(script.text.len() > 100_000);
    assert!(
        !docs.header("content-security-policy").contains("default-src 'none'; frame-ancestors 'none'")
            || docs.header("content-security-policy").contains("script-src")
    );
    let keys = send(fleet.http.get(fleet.url("/api/v1/auth/.well-known/jwks.json"))).await.is(200);
    assert!(keys.header("cache-control").contains("max-age=300"));
    assert_eq!(keys.json()["keys"][0]["alg"], "ES256");
    assert!(keys.json()["keys"][0]["d"].is_null(), "never the private half");
    let server =
        send(fleet.http.get(fleet.url("/api/v1/auth/.well-known/oauth-authorization-server"))).await.is(200).json();
    assert!(server["issuer"].is_string() && server["jwks_uri"].is_string(), "{server}");
}
