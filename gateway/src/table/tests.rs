use http::Method;

use super::*;

const SERVICES: &[&str] = &["auth", "notifications", "posts", "users"];

fn table(lines: &str) -> Result<Table, String> {
    Table::parse(&format!("routes = [{lines}]"), SERVICES).map_err(|error| error.to_string())
}

#[test]
fn the_embedded_table_has_no_mistake() {
    let table = Table::parse(EMBEDDED, SERVICES).unwrap();
    let route = table.find("/api/v1/posts/42").and_then(|place| place.route(&Method::PUT)).unwrap();
    assert_eq!(table.route(route).unwrap().pattern, "/api/v1/posts/{id}");
    assert_eq!(Table::services_of(EMBEDDED), SERVICES);
}

#[test]
fn a_table_with_a_mistake_says_which() {
    let cases = [
        (r#"{ on = "GET /a", to = "nobody", who = "open" }"#, "GET /a: no such service is configured"),
        (r#"{ on = "BREW /a", to = "posts", who = "open" }"#, "BREW /a: no such method"),
        (r#"{ on = "GET a", to = "posts", who = "open" }"#, "GET a: the path must begin with /"),
        (r#"{ on = "GET /a//b", to = "posts", who = "open" }"#, "no empty segment"),
        (r#"{ on = "GET /a/", to = "posts", who = "open" }"#, "no empty segment"),
        (r#"{ on = "GET /a", to = "posts", who = "friends" }"#, "unknown variant `friends`"),
        (r#"{ on = "GET /a", to = "posts", who = "open", weight = 1 }"#, "unknown field `weight`"),
        (r#"{ on = "GET /a", to = "posts", who = "open", body = "12" }"#, "GET /a: body must be a size"),
        (r#"{ on = "GET /a", to = "posts", who = "open", deadline = 0 }"#, "GET /a: deadline must be"),
        (r#"{ on = "GET /a", to = "posts", who = "open", page = "health" }"#, "only the gateway has pages"),
        (r#"{ on = "GET /a", to = "gateway", who = "open" }"#, "the gateway answers pages only"),
        (r#"{ on = "GET /a", to = "posts", who = "open", alias_of = "GET /b" }"#, "there is no GET /b of posts"),
        (r#"{ on = "GET /a", to = "posts", who = "open", alias_of = "PUT /b" }"#, "alias_of must have the same method"),
        (
            r#"{ on = "GET /a", to = "posts", who = "open" }, { on = "GET /a", to = "posts", who = "user" }"#,
            "GET /a is there twice",
        ),
    ];
    for (lines, expected) in cases {
        let told = table(lines).unwrap_err();
        assert!(told.contains(expected), "{lines}: {told}");
    }
}

#[test]
fn a_path_is_found_by_its_segments_and_words_go_before_any() {
    let table = table(
        r#"{ on = "GET /users/me", to = "users", who = "user" },
           { on = "GET /users/{id}", to = "users", who = "user" },
           { on = "GET /users/{id}/posts", to = "posts", who = "user" },
           { on = "DELETE /users/me", to = "auth", who = "user" }"#,
    )
    .unwrap();
    let cases = [
        ("/users/me", Some("/users/me")),
        ("/users/7", Some("/users/{id}")),
        ("/users/me/posts", Some("/users/{id}/posts")),
        ("/users", None),
        ("/users/", None),
        ("/users/7/", None),
        ("/users/7/posts/8", None),
        ("/Users/me", None),
        ("users/me", None),
        ("", None),
        ("/", None),
    ];
    for (path, expected) in cases {
        let found = table.find(path).and_then(|place| place.route(&Method::GET)).and_then(|index| table.route(index));
        assert_eq!(found.map(|route| route.pattern.as_str()), expected, "{path}");
    }
    assert_eq!(table.find("/users/me").unwrap().allow(), "DELETE, GET, HEAD, OPTIONS");
}

#[test]
fn what_a_line_leaves_out_is_usual() {
    let table = table(
        r#"{ on = "GET /a", to = "posts", who = "open" },
           { on = "GET /b", to = "posts", who = "user" },
           { on = "POST /b", to = "posts", who = "any", body = "1MiB", deadline = 30, lane = "reserved" },
           { on = "GET /c", to = "posts", who = "admin" }"#,
    )
    .unwrap();
    let of = |index: usize| table.route(index).map(|route| (route.limit, route.body_cap, route.deadline.as_secs()));
    assert_eq!(of(0), Some((Class::Anon, 65_536, 10)));
    assert_eq!(of(1), Some((Class::Read, 65_536, 10)));
    assert_eq!(of(2), Some((Class::Write, 1 << 20, 30)));
    assert_eq!(of(3), Some((Class::Admin, 65_536, 10)));
    assert!(table.route(2).unwrap().reserved && !table.route(1).unwrap().reserved);
}
