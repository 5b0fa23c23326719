use serde_json::json;

use crate::redact::redacted;

#[test]
fn ids_are_numbered_in_the_order_they_appear() {
    let (one, two) = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002");
    let value = json!({
        "a": one, "b": [two, one], "c": format!("/api/v1/posts/{two}/likes"), "d": "not-an-id-but-as-long-as-an-id-could-be", "é": "é",
    });
    let expected = json!({
        "a": "[id 1]", "b": ["[id 2]", "[id 1]"], "c": "/api/v1/posts/[id 2]/likes", "d": "not-an-id-but-as-long-as-an-id-could-be", "é": "é",
    });
    assert_eq!(redacted(&value), expected);
}

#[test]
fn what_is_never_the_same_twice_is_named() {
    let value = json!({ "request_id": "abc", "next_cursor": null, "items": [{ "access_token": "x" }] });
    let expected =
        json!({ "request_id": "[request_id]", "next_cursor": null, "items": [{ "access_token": "[access_token]" }] });
    assert_eq!(redacted(&value), expected);
}
