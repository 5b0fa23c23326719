//! Who pays is PREMIUM, who stops is not: by what Stripe tells.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::fleet::{self, Fleet};
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, Person, fresh, send};
use crate::revocation::refused_everywhere;

const WEBHOOK: &str = "/api/v1/auth/billing/stripe/webhook";

/// Sends an event as Stripe would.
async fn tells(fleet: &Fleet, event: &Value) -> Answer {
    let secret = std::fs::read_to_string(fleet::folder().join("secrets/AUTH_STRIPE_WEBHOOK_SECRET")).unwrap();
    let (at, body) = (jiff::Timestamp::now().as_second(), event.to_string());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.trim().as_bytes());
    let tag = hex::encode(hmac::sign(&key, format!("{at}.{body}").as_bytes()));
    let request = fleet.http.post(fleet.url(WEBHOOK)).header("content-type", "application/json; charset=utf-8");
    send(request.header("stripe-signature", format!("t={at},v1={tag}")).body(body)).await
}

/// An event about a subscription that is paid until tomorrow.
fn subscription(what: &str, name: &str, at: i64, status: &str) -> Value {
    let items = json!({ "data": [{ "current_period_end": at + 86_400, "price": { "id": "price_monthly" } }] });
    let object = json!({
        "id": format!("sub_{name}"), "customer": format!("cus_{name}"), "status": status,
        "cancel_at_period_end": false, "items": items, "metadata": {},
    });
    let kind = format!("customer.subscription.{what}");
    json!({ "id": format!("evt_{what}_{name}"), "type": kind, "created": at, "data": { "object": object } })
}

/// An event about somebody who paid.
fn checkout(person: &Person<'_>, name: &str, at: i64) -> Value {
    let object = json!({
        "customer": format!("cus_{name}"), "subscription": format!("sub_{name}"), "client_reference_id": person.id,
    });
    let kind = "checkout.session.completed";
    json!({ "id": format!("evt_checkout_{name}"), "type": kind, "created": at, "data": { "object": object } })
}

/// Refreshes the session; answers the tier that its new token says.
async fn refresh(person: &mut Person<'_>) -> String {
    let session = person.post("/auth/refresh", json!({ "refresh_token": person.refresh })).await.is(200).json();
    person.access = session["access_token"].as_str().unwrap().to_owned();
    person.refresh = session["refresh_token"].as_str().unwrap().to_owned();
    let claims = URL_SAFE_NO_PAD.decode(person.access.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["tier"], session["user"]["tier"]);
    claims["tier"].as_str().unwrap().to_owned()
}

/// Every service takes this person's token.
async fn welcome_everywhere(person: &Person<'_>) {
    for path in ["/auth/me", "/users/me", "/posts"] {
        person.get(path).await.is(200);
    }
}

pub async fn who_pays_is_premium_everywhere_within_a_second(fleet: Arc<Fleet>) {
    let mut ada = Person::new(&fleet).await;
    let bob = Person::new(&fleet).await;
    let (name, at) = (fresh("payer"), jiff::Timestamp::now().as_second());
    let paid = checkout(&ada, &name, at);
    let stranger = Person::without_account(&fleet, "");
    stranger.post("/auth/billing/stripe/webhook", paid.clone()).await.refuses(400, "signature_invalid");
    tells(&fleet, &subscription("created", &name, at, "active")).await.is(204);
    welcome_everywhere(&ada).await; // nobody has said yet whose it is
    tells(&fleet, &paid).await.is(204);
    refused_everywhere(&ada).await;
    assert_eq!(refresh(&mut ada).await, "PREMIUM");
    tells(&fleet, &paid).await.is(204); // again: Stripe may
    welcome_everywhere(&ada).await;
    welcome_everywhere(&bob).await;
    let shown = ada.get("/auth/subscription").await.is(200).json();
    assert_eq!((shown["tier"].as_str(), shown["source"].as_str()), (Some("PREMIUM"), Some("subscription")), "{shown}");
    assert_eq!(mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await.subject, "Votre compte est PREMIUM");
    tells(&fleet, &subscription("deleted", &name, at + 1, "canceled")).await.is(204);
    refused_everywhere(&ada).await;
    assert_eq!(refresh(&mut ada).await, "FREE");
    welcome_everywhere(&ada).await;
    assert_eq!(mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await.subject, "Votre PREMIUM a pris fin");
}
