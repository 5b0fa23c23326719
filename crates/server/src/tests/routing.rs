use super::notes::Notes;

const NOTE: &str = "/api/v1/notes/01900000-0000-7000-8000-000000000000";

#[tokio::test]
async fn an_unknown_address_is_404() {
    let notes = Notes::start().await;
    for path in
        ["/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/notes", "/api/v1/notes/", "/metrics", "/internal/clock"]
    {
        notes.ask(&format!("GET {path}"), &[], "").await.is(404, "not_found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let notes = Notes::start().await;
    for (line, allow) in [
        ("PATCH /api/v1/notes".to_owned(), "GET, HEAD, POST, DELETE"),
        ("DELETE /api/v1/login".to_owned(), "POST"),
        (format!("POST {NOTE}"), "GET, HEAD, PUT"),
        (format!("BREW {NOTE}"), "GET, HEAD, PUT"),
        ("POST /health".to_owned(), "GET, HEAD"),
    ] {
        let reply = notes.ask(&line, &[], "").await;
        assert_eq!(reply.is(405, "method_not_allowed").header("allow"), Some(allow), "{line}");
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_one_names_nothing() {
    let notes = Notes::start().await;
    for id in ["7", "x", "%00", "..%2f..%2fetc", "01900000-0000-7000-8000-00000000000g"] {
        notes.ask(&format!("GET /api/v1/notes/{id}"), &[], "").await.is(404, "not_found");
    }
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let notes = Notes::start().await;
    let (get, head) =
        (notes.ask(&format!("GET {NOTE}"), &[], "").await, notes.ask(&format!("HEAD {NOTE}"), &[], "").await);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(head.header("etag"), Some("\"7\""));
}

#[tokio::test]
async fn every_answer_has_the_headers_it_should_and_none_that_tells_on_us() {
    let notes = Notes::start().await;
    for line in
        [format!("GET {NOTE}"), "GET /nothing".to_owned(), "GET /api/v1/panic".to_owned(), "GET /health".to_owned()]
    {
        let reply = notes.ask(&line, &[], "").await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{line}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{line}");
        assert_eq!(reply.header("x-request-id").unwrap().len(), 32, "{line}");
        assert_eq!(reply.header("server"), None, "{line}");
    }
}

#[tokio::test]
async fn a_request_id_is_kept_and_a_strange_one_replaced() {
    let notes = Notes::start().await;
    let reply = notes.ask(&format!("GET {NOTE}"), &["x-request-id: abc-123"], "").await;
    assert_eq!(reply.header("x-request-id"), Some("abc-123"));
    let long = format!("x-request-id: {}", "a".repeat(129));
    for strange in ["x-request-id: a b", "x-request-id: <script>", "x-request-id:", &long] {
        let reply = notes.ask("GET /nothing", &[strange], "").await;
        assert_eq!(reply.is(404, "not_found").header("x-request-id").unwrap().len(), 32, "{strange}");
    }
}

#[tokio::test]
async fn refusals_speak_french_unless_asked_for_english() {
    let notes = Notes::start().await;
    for (asks, title) in
        [("x: y", "Introuvable"), ("accept-language: en", "Not found"), ("accept-language: ../../x", "Introuvable")]
    {
        assert_eq!(notes.ask("GET /nothing?token=secret", &[asks], "").await.json()["title"], title);
    }
    assert_eq!(notes.ask("GET /nothing?token=secret", &[], "").await.json()["instance"], "/nothing");
}

#[tokio::test]
async fn a_bare_error_of_actix_is_a_problem_too() {
    let notes = Notes::start().await;
    for (status, code) in
        [(409, "conflict"), (418, "malformed"), (500, "internal"), (502, "bad_gateway"), (507, "internal")]
    {
        let reply = notes.ask(&format!("GET /api/v1/strange/{status}"), &[], "").await;
        assert_eq!(reply.json()["code"], code);
    }
}
