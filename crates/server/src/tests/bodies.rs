use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};

use super::notes::Notes;
use crate::extract::body::{patience, read};

const NOTE: &str = "POST /api/v1/notes";

#[tokio::test]
async fn a_valid_body_is_taken() {
    let notes = Notes::start().await;
    let reply = notes.post("/api/v1/notes", r#"{"text": "Bonjour"}"#).await;
    assert_eq!((reply.status, reply.json()["text"].as_str()), (201, Some("Bonjour")));
    let at = format!("/api/v1/notes/{}", reply.json()["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), Some(at.as_str()));
}

#[tokio::test]
async fn what_is_not_json_is_refused_with_the_place() {
    let notes = Notes::start().await;
    let reply = notes.post("/api/v1/notes", "{\"text\":\n \"a\",}").await;
    let detail = reply.is(400, "malformed_json").json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("line 2, column 6"), "{detail}");
    let nested = format!("{{\"text\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for broken in ["", "{", "\u{1}", "{\"text\": \"a\"} x", &"[".repeat(10_000), &nested, "{\"number\": 1e999}"] {
        notes.post("/api/v1/notes", broken).await.is(400, "malformed_json");
    }
}

#[tokio::test]
async fn every_wrong_shape_has_a_pointer() {
    let notes = Notes::start().await;
    let cases = [
        (r#"{"text": "a", "role": "admin"}"#, "/role", "unknown_field"),
        (r#"{"tags": []}"#, "/text", "missing"),
        (r#"{"text": "a", "text": "b"}"#, "/text", "duplicate"),
        (r#"{"text": 7}"#, "/text", "wrong_type"),
        (r#"{"text": "a", "tags": ["b", 7]}"#, "/tags/1", "wrong_type"),
        (r#"{"text": "a", "place": {"latitude": "north"}}"#, "/place/latitude", "wrong_type"),
        (r#"{"text": "a", "place": {}}"#, "/place/latitude", "missing"),
        (r#"{"text": "a", "place": {"latitude": 1, "a/b": 2}}"#, "/place/a~1b", "unknown_field"),
        (r#"[]"#, "", "wrong_type"),
        (r#""text""#, "", "wrong_type"),
    ];
    for (body, pointer, code) in cases {
        notes.post("/api/v1/notes", body).await.is(422, "invalid").names(pointer, code);
    }
}

#[tokio::test]
async fn every_broken_rule_is_listed_with_its_pointer() {
    let notes = Notes::start().await;
    let body = r#"{"text": "", "tags": ["fine", "too long"], "number": 13, "place": {"latitude": 91}}"#;
    let reply = notes.post("/api/v1/notes", body).await;
    reply.is(422, "invalid");
    reply.names("/text", "too_short");
    reply.names("/tags/1", "too_long");
    reply.names("/number", "unlucky");
    reply.names("/place/latitude", "too_large");
    assert_eq!(reply.json()["errors"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_broken_rule_reads_in_the_callers_language() {
    let notes = Notes::start().await;
    let bearer = format!("authorization: Bearer {}", notes.token(&[]));
    let body = r#"{"text": "", "number": 13}"#;
    for (language, too_short, unlucky) in
        [("fr", "Au moins 1 caractères.", "Pas treize."), ("en", "At least 1 characters.", "Not thirteen.")]
    {
        let asks = format!("accept-language: {language}");
        let reply = notes.ask(NOTE, &["content-type: application/json", &bearer, &asks], body).await;
        assert_eq!(reply.header("content-language"), Some(language));
        let details: Vec<_> = reply.json()["errors"].as_array().unwrap().iter().map(|e| e["detail"].clone()).collect();
        assert_eq!(details, [unlucky, too_short]);
    }
}

#[tokio::test]
async fn only_plain_json_is_read() {
    let notes = Notes::start().await;
    let bearer = format!("authorization: Bearer {}", notes.token(&[]));
    let body = r#"{"text": "a"}"#;
    for wrong in
        ["content-type: text/plain", "content-type: application/x-www-form-urlencoded", "content-type: json", "x: y"]
    {
        notes.ask(NOTE, &[wrong, &bearer], body).await.is(415, "unsupported_media_type");
    }
    for coding in ["gzip", "br", "gzip, identity", "x"] {
        let coding = format!("content-encoding: {coding}");
        notes
            .ask(NOTE, &["content-type: application/json", &coding, &bearer], body)
            .await
            .is(415, "unsupported_media_type");
    }
    for fine in ["application/json; charset=utf-8", "application/merge-patch+json", "APPLICATION/JSON"] {
        let fine = format!("content-type: {fine}");
        assert_eq!(notes.ask(NOTE, &[&fine, &bearer], body).await.status, 201);
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_before_it_is_read() {
    let notes = Notes::start().await;
    let bearer = format!("authorization: Bearer {}", notes.token(&[]));
    let most = 64 * 1024;
    // Announced, and never sent: the answer comes all the same.
    let announced = format!("content-length: {}", most + 1);
    let reply = notes.ask(NOTE, &["content-type: application/json", &announced, &bearer], "").await;
    reply.is(413, "too_large");
    assert!(reply.json()["detail"].as_str().unwrap().contains("65536"));
    // In chunks, without a word of the length.
    let chunk = format!("{:x}\r\n{}\r\n", most + 1, "a".repeat(most + 1));
    let head = format!(
        "{NOTE} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\ncontent-type: application/json\r\n{bearer}\r\n\r\n"
    );
    super::client::send(notes.running.public, &format!("{head}{chunk}")).await.is(413, "too_large");
}

#[tokio::test]
async fn a_route_may_take_more() {
    let notes = Notes::start().await;
    let body = format!("{{\"notes\": [\"{}\"]}}", "a".repeat(150_000));
    assert_eq!(notes.post("/api/v1/import", &body).await.json(), 1);
    let body = format!("{{\"notes\": [\"{}\"]}}", "a".repeat(200_000));
    notes.post("/api/v1/import", &body).await.is(413, "too_large");
}

#[tokio::test]
async fn bytes_are_taken_as_they_come_up_to_the_cap() {
    let notes = Notes::start().await;
    for (kind, body, bytes) in [("text/plain", "{ \"a\":", 6), ("application/json", "", 0), ("x", "12345678", 8)] {
        let kind = format!("content-type: {kind}");
        assert_eq!(notes.ask("POST /api/v1/weigh", &[&kind], body).await.json(), bytes);
    }
    notes.ask("POST /api/v1/weigh", &[], "123456789").await.is(413, "too_large");
}

#[tokio::test]
async fn a_form_is_read_where_it_is_allowed() {
    let notes = Notes::start().await;
    let form = "content-type: application/x-www-form-urlencoded";
    let reply = notes.ask("POST /api/v1/login", &[form], "latitude=12.5").await;
    assert_eq!(reply.json(), "12.5 fr");
    assert_eq!(notes.post("/api/v1/login", r#"{"latitude": 3}"#).await.json(), "3 en");
    notes.ask("POST /api/v1/login", &[form], "latitude=north").await.is(422, "invalid").names("/latitude", "invalid");
    notes.ask("POST /api/v1/login", &[form], "latitude=91").await.is(422, "invalid").names("/latitude", "too_large");
    notes
        .ask("POST /api/v1/login", &[form], "latitude=1&role=admin")
        .await
        .is(422, "invalid")
        .names("/role", "unknown_field");
}

fn pieces(pieces: &[&'static str], ends: bool) -> Payload {
    let arrived = stream::iter(pieces.iter().map(|piece| Ok(Bytes::from(*piece))).collect::<Vec<_>>());
    if ends {
        return Payload::Stream { payload: arrived.boxed_local() };
    }
    Payload::Stream { payload: arrived.chain(stream::pending::<Result<Bytes, PayloadError>>()).boxed_local() }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let refused = read(pieces(&["{"], false), 100, Duration::from_millis(10)).await.unwrap_err();
    assert_eq!((refused.status(), refused.code().code), (408, "body_timeout"));
    assert_eq!(patience(64 * 1024), Duration::from_secs(11));
    assert_eq!(patience(1024 * 1024), Duration::from_secs(26));
}

#[tokio::test]
async fn a_body_in_pieces_is_put_together_up_to_the_cap() {
    let whole = |most| read(pieces(&["ab", "cd", "e"], true), most, Duration::from_secs(5));
    assert_eq!(whole(5).await.unwrap(), "abcde");
    assert_eq!(whole(4).await.unwrap_err().status(), 413);
    assert_eq!(whole(1).await.unwrap_err().status(), 413);
    assert_eq!(read(pieces(&[], true), 0, Duration::from_secs(5)).await.unwrap(), "");
}
