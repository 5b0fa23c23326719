use super::notes::Notes;

const NOTE: &str = "/api/v1/notes/01900000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_page_has_bounds() {
    let notes = Notes::start().await;
    for (query, seen) in [
        ("", "20 None None  false"),
        ("?limit=100&cursor=abc&about=cats&old=true", "100 Some(\"abc\") None cats true"),
        ("?skip=40&cursor=", "20 None Some(40)  false"),
        ("?unknown=1", "20 None None  false"),
    ] {
        let reply = notes.ask(&format!("GET /api/v1/notes{query}"), &[], "").await;
        assert_eq!(reply.json()["items"][0]["text"], seen, "{query}");
    }
    for (query, pointer) in [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=x", "limit"),
        ("?skip=-1", "skip"),
        ("?limit=99999999999999999999", "limit"),
    ] {
        notes
            .ask(&format!("GET /api/v1/notes{query}"), &[], "")
            .await
            .is(422, "invalid")
            .names(pointer, "out_of_range");
    }
}

#[tokio::test]
async fn a_query_is_checked_by_name() {
    let notes = Notes::start().await;
    notes.ask("GET /api/v1/notes?old=perhaps", &[], "").await.is(422, "invalid").names("old", "invalid");
    notes.ask("GET /api/v1/notes?about=a+long+sentence", &[], "").await.is(422, "invalid").names("about", "too_long");
    notes.ask("GET /api/v1/notes?limit=1&limit=2", &[], "").await.is(422, "invalid").names("limit", "duplicate");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let notes = Notes::start().await;
    for (known, status) in
        [("\"7\"", 304), ("W/\"7\"", 304), ("\"1\", \"7\"", 304), ("*", 304), ("\"6\"", 200), ("7", 200)]
    {
        let reply = notes.ask(&format!("GET {NOTE}"), &[&format!("if-none-match: {known}")], "").await;
        assert_eq!((reply.status, reply.header("etag")), (status, Some("\"7\"")), "{known}");
        assert_eq!(reply.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let notes = Notes::start().await;
    let bearer = format!("authorization: Bearer {}", notes.token(&[]));
    for (meant, status) in [
        ("\"7\"", 200),
        ("*", 200),
        ("\"6\", \"7\"", 200),
        ("\"7.a1b2\"", 200),
        ("\"77.a1b2\"", 412),
        ("\"6\"", 412),
        ("W/\"7\"", 412),
        ("", 412),
    ] {
        let meant = format!("if-match: {meant}");
        let reply = notes
            .ask(&format!("PUT {NOTE}"), &["content-type: application/json", &bearer, &meant], r#"{"text":"a"}"#)
            .await;
        assert_eq!(reply.status, status, "{meant}");
    }
}

#[tokio::test]
async fn an_idempotency_key_is_plain_and_short() {
    let notes = Notes::start().await;
    let bearer = format!("authorization: Bearer {}", notes.token(&[]));
    let long = "k".repeat(256);
    for key in ["", " ", "a b", "é", &long] {
        let key = format!("idempotency-key: {key}");
        let reply = notes
            .ask("POST /api/v1/notes", &["content-type: application/json", &bearer, &key], r#"{"text":"a"}"#)
            .await;
        reply.is(400, "bad_idempotency_key");
    }
    let key = "idempotency-key: 6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let reply =
        notes.ask("POST /api/v1/notes", &["content-type: application/json", &bearer, key], r#"{"text":"a"}"#).await;
    assert_eq!((reply.status, reply.header("idempotent-replayed")), (201, Some("true")));
}
