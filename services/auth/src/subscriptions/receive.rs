//! POST /auth/billing/stripe/webhook: Stripe tells of payments.

use actix_web::HttpRequest;
use db::Tx;
use problem::Problem;
use problem::codes::{MALFORMED, NOT_FOUND};
use server::{Body, Data, NoContent, no_content, post};
use utoipa::ToSchema;

use super::take_in::take_in;
use super::wire;
use crate::codes;
use crate::state::State;

/// An event, as Stripe writes it. It holds more than this, which is left aside.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "evt_1SqF2eLkdIwHu7ix", "type": "customer.subscription.updated", "created": 1_768_296_600,
    "data": { "object": {
        "id": "sub_1SqF2eLkdIwHu7ix", "customer": "cus_TmN5yUSzuNffrY", "status": "active",
        "metadata": { "user_id": "01970000-0000-7000-8000-000000000001" },
        "items": { "data": [{ "current_period_end": 1_770_975_000, "price": { "id": "price_1MoBy5LkdIwHu7ix" } }] },
    } },
}))]
pub struct StripeEvent {
    /// Its id.
    pub id: String,
    /// What it is about.
    #[schema(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub created: i64,
    /// What it is about, as it is now.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Takes in an event of Stripe's, once, in whatever order they come. Those that concern no subscription change nothing.
/// `Stripe-Signature` proves it: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`, five minutes old at most.
#[utoipa::path(tag = "auth", operation_id = "receive_stripe_event", security(()), request_body = StripeEvent,
    params(("Stripe-Signature" = Option<String>, Header, description = "Proves that it comes from Stripe.")))]
#[post("/auth/billing/stripe/webhook")]
pub async fn receive(state: Data<State>, request: HttpRequest, body: Body<262_144>) -> NoContent {
    if state.stripe.is_empty() {
        return Err(Problem::new(&NOT_FOUND).into());
    }
    let signature = request.headers().get("stripe-signature").and_then(|text| text.to_str().ok()).unwrap_or_default();
    if !state.stripe.signed(signature, &body, state.clock.now()) {
        return Err(Problem::new(&codes::SIGNATURE_INVALID).into());
    }
    let told = wire::read(&body).map_err(|unreadable| Problem::new(&MALFORMED).because(unreadable))?;
    let Some(told) = told else { return no_content() };
    let _turn = state.turns.of(&told.customer).await;
    let (clock, offer) = (&state.clock, &*state.premium);
    let ended = state.db.tx(async move |tx: &mut Tx| take_in(tx, clock, told, offer).await).await?;
    ended.iter().for_each(|ended| ended.tell(&state));
    no_content()
}
