//! The gateway's table.

use super::{Case, breaks, keeps};

const PAGE: &str = "services/posts/openapi.json";
const TABLE: &str = "gateway/routes.toml";

pub fn cases() -> Vec<Case> {
    let offered = r#"{ "paths": { "/api/v1/posts/{id}": { "parameters": [], "get": {} } } }"#;
    let routed = r#"routes = [{ on = "GET /api/v1/posts/{post}", to = "posts" }, { on = "GET /p/{id}", to = "posts", alias_of = "GET /api/v1/posts/{id}" }]"#;
    vec![
        keeps("routes_and_operations_match", [(PAGE, offered), (TABLE, routed)]),
        breaks("routes_and_operations_match", [(PAGE, offered), (TABLE, "routes = []")], "has no route"),
        breaks("routes_and_operations_match", [(PAGE, "{}"), (TABLE, routed)], "no such operation"),
    ]
}
