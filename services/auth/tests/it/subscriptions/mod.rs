//! Subscriptions, by what Stripe tells.

mod order;
mod receive;
mod rules;
mod show;
mod signature;
mod standing;

use aws_lc_rs::hmac;
use contracts::UserId;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Call;

use crate::support::{STRIPE_SECRETS, TestApp};

/// Where Stripe tells it.
pub const WEBHOOK: &str = "/auth/billing/stripe/webhook";
/// When tests begin.
pub const BEGIN: i64 = 1_768_296_600;
pub const DAY: i64 = 86_400;

/// What Stripe's customers do.
pub trait Payments {
    /// Stripe is about to send this.
    fn sends(&self, event: &Value) -> Call;
    /// Stripe sent it, and is content.
    async fn hears(&self, event: &Value);
    /// Somebody subscribed, and pays from this moment for thirty days.
    async fn pays(&self, user: UserId, name: &str, at: i64);
    /// What a statement finds, as a text.
    async fn text(&self, statement: &'static str) -> String;
    /// How many accounts are PREMIUM.
    async fn premium(&self) -> i64;
}

impl Payments for TestApp {
    fn sends(&self, event: &Value) -> Call {
        let body = serde_json::to_vec(event).unwrap();
        let signature = signature(STRIPE_SECRETS[0], self.clock.now().as_second(), &body);
        let call = self.nobody().call(Method::POST, WEBHOOK);
        call.bytes("application/json; charset=utf-8", body).header("stripe-signature", &signature)
    }

    async fn hears(&self, event: &Value) {
        self.sends(event).await.has_status(204);
    }

    async fn pays(&self, user: UserId, name: &str, at: i64) {
        self.hears(&checkout(user, name, at)).await;
        self.hears(&subscription("created", name, at, "active")).await;
    }

    async fn text(&self, statement: &'static str) -> String {
        let mut conn = self.db().conn().await.unwrap();
        db::sql::<Text>(statement).get_result(&mut *conn).await.unwrap()
    }

    async fn premium(&self) -> i64 {
        crate::support::Deeds::count(self, "SELECT count(*) FROM users WHERE tier = 'PREMIUM'").await
    }
}

/// How Stripe signs.
pub fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = [format!("{at}.").as_bytes(), body].concat();
    format!("t={at},v1={}", hex::encode(hmac::sign(&key, &signed)))
}

/// An event, as Stripe writes it: with much that nobody here reads.
fn event(kind: &str, id: &str, at: i64, object: Value) -> Value {
    json!({
        "id": format!("evt_{id}"), "object": "event", "api_version": "2025-09-30.clover", "created": at,
        "data": { "object": object }, "livemode": false, "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null }, "type": kind,
    })
}

/// Somebody paid.
pub fn checkout(user: UserId, name: &str, at: i64) -> Value {
    let object = json!({
        "id": format!("cs_{name}"), "object": "checkout.session", "mode": "subscription", "payment_status": "paid",
        "customer": format!("cus_{name}"), "subscription": format!("sub_{name}"), "client_reference_id": user,
        "customer_details": { "email": "ada@payer.example", "name": "Ada Payer" },
    });
    event("checkout.session.completed", &format!("checkout_{name}_{at}"), at, object)
}

/// Something about a subscription, whose period ends thirty days later.
pub fn subscription(what: &str, name: &str, at: i64, status: &str) -> Value {
    let item = json!({
        "id": format!("si_{name}"), "current_period_start": at, "current_period_end": at + 30 * DAY,
        "price": { "id": "price_monthly", "unit_amount": 990, "currency": "eur" },
    });
    let object = json!({
        "id": format!("sub_{name}"), "object": "subscription", "customer": format!("cus_{name}"), "status": status,
        "cancel_at": null, "cancel_at_period_end": false, "created": at, "default_payment_method": "pm_card_4242",
        "items": { "object": "list", "data": [item] }, "metadata": {},
    });
    event(&format!("customer.subscription.{what}"), &format!("{what}_{name}_{at}_{status}"), at, object)
}

/// The same event with something else in its object.
pub fn with(mut event: Value, member: &str, value: impl Into<Value>) -> Value {
    event["data"]["object"][member] = value.into();
    event
}
