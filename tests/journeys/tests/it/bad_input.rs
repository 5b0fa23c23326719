//! What the fleet says to requests that it will not take.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;

use crate::fleet::Fleet;
use crate::person::{Answer, DIALECTS, Person, send};

pub async fn every_refusal_is_a_problem_in_french_and_english(fleet: Arc<Fleet>) {
    for dialect in DIALECTS {
        let ada = Person::in_dialect(&fleet, dialect).await;
        for language in [None, Some("en-GB")] {
            refusals(&ada, language).await;
        }
    }
}

async fn refusals(ada: &Person<'_>, language: Option<&str>) {
    let ask = async |method: Method, path: &str, body: Option<(&str, Vec<u8>)>| -> Answer {
        let mut request = ada.request(method, path);
        if let Some(language) = language {
            request = request.header("accept-language", language);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        send(request).await
    };
    let json = |text: &str| Some(("application/json", text.as_bytes().to_vec()));
    let said =
        ask(Method::POST, "/posts", json("{\"body\": \"a\", \"is_admin\": true}")).await.refuses(422, "invalid").json();
    assert_eq!(said["errors"][0]["pointer"], "/is_admin", "{said}");
    let title = if language.is_some() { "Invalid input" } else { "Données invalides" };
    assert_eq!(said["title"], title);
    ask(Method::POST, "/posts", json("{\"body\": ")).await.refuses(400, "malformed_json");
    ask(Method::POST, "/posts", json("{\"body\": \"\"}")).await.refuses(422, "invalid");
    ask(Method::POST, "/posts", json("{}")).await.refuses(422, "invalid");
    ask(Method::POST, "/posts", Some(("text/plain", b"bonjour".to_vec()))).await.refuses(415, "unsupported_media_type");
    let long = format!("{{\"body\": \"{}\"}}", "x".repeat(70_000));
    ask(Method::POST, "/posts", json(&long)).await.refuses(413, "too_large");
    ask(Method::GET, "/nothing/here", None).await.refuses(404, "not_found");
    let method = ask(Method::PUT, "/posts", json("{}")).await.refuses(405, "method_not_allowed");
    let allow: Vec<_> = method.header("allow").split(", ").collect();
    assert!(allow.contains(&"GET") && allow.contains(&"POST"), "{allow:?}");
    ask(Method::GET, "/posts?limit=abc", None).await.refuses(422, "invalid");
    ask(Method::GET, "/posts/not-an-id", None).await.refuses(404, "not_found");
    ask(Method::GET, &format!("/posts?author={}", "a".repeat(5_000)), None).await.refuses(414, "uri_too_long");
    let anonymous = Person { access: String::new(), ..ada.clone() };
    let refused = anonymous.get("/users/me").await.refuses(401, "unauthenticated");
    assert!(refused.header("www-authenticate").starts_with("Bearer"), "{:?}", refused.headers);
    let forged = Person { access: format!("{}x", ada.access), ..ada.clone() };
    forged.get("/users/me").await.refuses(401, "unauthenticated");
}

pub async fn limits_are_told_and_kept(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let first = ada.get("/users/me").await.is(200);
    assert!(first.header("ratelimit-policy").contains("\"read\";q=2000;w=60"), "{:?}", first.headers);
    assert!(first.header("ratelimit").starts_with("\"read\";r="), "{:?}", first.headers);
    let mut refused = None;
    for _ in 0..4_000 {
        let answer = ada.get("/users/me").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("2,000 reads a minute are the limit");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    let body = refused.json();
    assert_eq!(body["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(body["violated-policies"], json!(["read"]));
    let bob = Person::new(&fleet).await;
    bob.get("/users/me").await.is(200);
}

pub async fn identity_headers_of_a_client_mean_nothing(fleet: Arc<Fleet>) {
    let (ada, bob) = (Person::new(&fleet).await, Person::new(&fleet).await);
    for (name, value) in [
        ("x-user-id", bob.id.as_str()),
        ("x-user-roles", "admin"),
        ("x-internal-user", &bob.id),
        ("x-forwarded-user", &bob.id),
    ] {
        let answer = send(ada.request(Method::GET, "/users/me").header(name, value)).await.is(200);
        assert!(answer.text.contains(&ada.id) && !answer.text.contains(&bob.id), "{name}");
        let direct = format!("{}/api/v1/users/me", fleet.part("users").url);
        send(fleet.http.get(direct).header(name, value)).await.refuses(401, "unauthenticated");
    }
    for path in ["/metrics", "/internal/jwks", "/api/v1/internal/jwks", "/internal/clock"] {
        send(fleet.http.get(fleet.url(path))).await.refuses(404, "not_found");
    }
}
