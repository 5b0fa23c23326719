//! Services among themselves: known by tokens that are for one of them, told what a token is, and no account's equal.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use authn::ServiceKey;
use serde_json::{Value, json};

use crate::fleet::{self, Fleet};
use crate::person::{Answer, Person, send};
use crate::revocation::{DOORS, refused_everywhere};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The key that the launcher made for this service.
fn key(service: &str) -> ServiceKey {
    let file = fleet::folder().join("secrets").join(format!("SERVICE_KEY_{}", service.to_uppercase()));
    ServiceKey::of(service, &std::fs::read_to_string(file).expect("a key of each service")).unwrap()
}

/// What auth says of itself.
async fn metadata(fleet: &Fleet) -> Value {
    send(fleet.http.get(fleet.url("/.well-known/oauth-authorization-server"))).await.is(200).json()
}

/// A proof of this service that nobody saw yet.
fn assertion(service: &str, audience: &Value) -> String {
    let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
    let claims = json!({
        "iss": service, "sub": service, "aud": audience, "iat": now, "exp": now + 60, "jti": uuid::Uuid::new_v4(),
    });
    key(service).sign("client-authentication+jwt", &claims).unwrap()
}

async fn asks(fleet: &Fleet, proof: &str, audience: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", proof),
        ("audience", audience),
    ];
    let endpoint = metadata(fleet).await["token_endpoint"].as_str().unwrap().to_owned();
    send(fleet.http.post(endpoint).form(&form)).await
}

/// A token of `service` for `audience`.
pub async fn token(fleet: &Fleet, service: &str, audience: &str) -> String {
    let proof = assertion(service, &metadata(fleet).await["issuer"]);
    let given = asks(fleet, &proof, audience).await.is(200).json();
    assert_eq!((given["token_type"].as_str(), given["expires_in"].as_i64()), (Some("Bearer"), Some(300)), "{given}");
    given["access_token"].as_str().unwrap().to_owned()
}

pub async fn a_service_is_known_by_its_token_and_asks_what_others_are(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let about = metadata(&fleet).await;
    let by = token(&fleet, "posts", "auth").await;
    let is = async |token: &str| {
        let endpoint = about["introspection_endpoint"].as_str().unwrap();
        send(fleet.http.post(endpoint).bearer_auth(&by).form(&[("token", token)])).await.is(200).json()
    };
    let told = is(&ada.access).await;
    assert_eq!((&told["active"], told["sub"].as_str()), (&json!(true), Some(ada.id.as_str())), "{told}");
    assert_eq!(is(&ada.refresh).await["active"], true);
    ada.post("/auth/logout", json!({})).await.is(204);
    assert_eq!(is(&ada.access).await, json!({ "active": false }));
    assert_eq!(is(&ada.refresh).await, json!({ "active": false }));
    // A proof is good once, and nobody else's.
    let proof = assertion("posts", &about["issuer"]);
    asks(&fleet, &proof, "users").await.is(200);
    for refused in [proof, assertion("posts", &json!("https://other.example"))] {
        assert_eq!(asks(&fleet, &refused, "users").await.is(401).json()["error"], "invalid_client");
    }
    let password = [("grant_type", "password"), ("username", ada.email.as_str()), ("password", "x")];
    let endpoint = about["token_endpoint"].as_str().unwrap();
    let refused = send(fleet.http.post(endpoint).form(&password)).await.is(400).json();
    assert_eq!(refused["error"], "unsupported_grant_type");
}

pub async fn a_service_token_opens_no_door_of_an_account(fleet: Arc<Fleet>) {
    for (service, path) in DOORS {
        let token = token(&fleet, "notifications", service).await;
        for part in ["gateway", service] {
            let url = format!("{}{path}", fleet.part(part).url);
            send(fleet.http.get(url).bearer_auth(&token)).await.refuses(401, "unauthenticated");
        }
    }
}

pub async fn who_has_a_token_ends_it(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let there = ada.elsewhere().await;
    let endpoint = metadata(&fleet).await["revocation_endpoint"].as_str().unwrap().to_owned();
    let revoke = async |token: &str| send(fleet.http.post(&endpoint).form(&[("token", token)])).await.is(200);
    revoke("none-of-ours").await;
    revoke(&there.refresh).await;
    refused_everywhere(&there).await;
    there.post("/auth/refresh", json!({ "refresh_token": there.refresh })).await.is(401);
    revoke(&ada.access).await;
    refused_everywhere(&ada).await;
    let events = ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.is(200).json();
    let again = Person { access: events["access_token"].as_str().unwrap().to_owned(), ..ada.clone() };
    let events = again.get("/auth/security-events").await.is(200).text;
    assert!(events.contains("token_revoked") && events.contains("sessions_ended"), "{events}");
}
