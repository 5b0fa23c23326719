use std::collections::BTreeMap;

use problem::Language;
use serde_json::{Value, json};

use super::openapi::merged;
use super::*;

fn parts() -> BTreeMap<String, Value> {
    let of = |path: &str, schema: Value| {
        json!({
            "paths": { path: {
                "get": { "tags": ["t"], "responses": { "200": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/View" }, "example": { "id": 1 } } } } } },
                "post": { "responses": {} } } },
            "components": { "schemas": { "View": schema, "Shared": { "type": "string" } } },
            "tags": [{ "name": "t", "description": "of it" }],
        })
    };
    BTreeMap::from([
        ("posts".to_owned(), of("/api/v1/posts", json!({ "type": "object", "title": "post" }))),
        ("users".to_owned(), of("/api/v1/users", json!({ "type": "object", "title": "user" }))),
    ])
}

#[test]
fn descriptions_are_merged_and_schemas_that_clash_renamed() {
    let whole = merged(&parts(), |_, method, _| method == "get");
    let schemas = whole["components"]["schemas"].as_object().unwrap();
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Shared", "View", "users.View"]);
    let schema = |path: &str| {
        whole["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].clone()
    };
    assert_eq!(schema("/api/v1/posts"), "#/components/schemas/View");
    assert_eq!(schema("/api/v1/users"), "#/components/schemas/users.View");
    assert_eq!(whole["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert_eq!(whole["tags"], json!([{ "name": "t", "description": "of it" }]));
    assert!(whole.to_string().contains("\"example\":{\"id\":1}"), "examples are kept");
}

#[test]
fn what_is_not_routed_is_not_described() {
    let whole = merged(&parts(), |service, method, _| service == "posts" && method == "get");
    assert!(whole["paths"].get("/api/v1/users").is_none());
    assert!(whole["paths"]["/api/v1/posts"].get("post").is_none());
}

#[test]
fn every_kind_of_refusal_has_a_page_in_both_languages() {
    for code in codes::ALL.iter().chain(crate::codes::ALL) {
        let slug = code.code.replace('_', "-");
        for (language, title) in [(Language::Fr, code.title.fr), (Language::En, code.title.en)] {
            let page = problems::problem(&slug, language).unwrap();
            let text = String::from_utf8(page.body.to_vec()).unwrap();
            assert!(text.contains(title) && !text.contains('{'), "{text}");
        }
    }
    assert!(problems::problem("no-such-thing", Language::Fr).is_none());
}

#[test]
fn swagger_ui_is_whole_and_asks_for_nothing_from_elsewhere() {
    let page = docs::docs("docs").unwrap();
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(text.contains("<base href=\"/api/docs/\">"), "{text}");
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    assert!(!text.contains("<script>"), "an inline script would be stopped by the page's policy: {text}");
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "index.css"] {
        assert!(docs::docs(file).is_some(), "{file}");
    }
    let start = docs::docs("swagger-initializer.js").unwrap();
    assert!(String::from_utf8_lossy(&start.body).contains("/api/v1/openapi.json"));
    assert!(docs::docs("../Cargo.toml").is_none());
}
