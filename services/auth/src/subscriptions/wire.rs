//! What Stripe sends, as far as we read it. Neither names nor addresses nor cards are; other members may come and go.

use contracts::UserId;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::rules::{Kind, Status, Terms, Told};

/// Longer ids than any that Stripe makes.
const LONGEST_ID: usize = 255;

/// Why an event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not what its name says.
    #[error(transparent)]
    Shape(#[from] serde_json::Error),
    /// A moment that no calendar has.
    #[error(transparent)]
    Moment(#[from] jiff::Error),
    /// An id that cannot be one.
    #[error("an id that is none")]
    Id,
}

#[derive(Deserialize)]
struct Event<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    #[serde(borrow)]
    data: Payload<'a>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct Checkout {
    customer: Option<String>,
    subscription: Option<String>,
    client_reference_id: Option<String>,
}

#[derive(Deserialize)]
struct Subscription {
    id: String,
    customer: String,
    status: String,
    #[serde(default)]
    cancel_at_period_end: bool,
    cancel_at: Option<i64>,
    current_period_end: Option<i64>,
    items: Option<Items>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Items {
    data: Vec<Item>,
}

/// Since 2025 each item has a period of its own.
#[derive(Deserialize)]
struct Item {
    current_period_end: Option<i64>,
    price: Option<Price>,
}

#[derive(Deserialize)]
struct Price {
    id: String,
}

#[derive(Deserialize)]
struct Metadata {
    user_id: Option<String>,
}

/// What an event tells; nothing where it changes nothing here.
pub fn read(body: &[u8]) -> Result<Option<Told>, Unreadable> {
    let event: Event<'_> = serde_json::from_slice(body)?;
    let Some(kind) = Kind::named(&event.kind) else { return Ok(None) };
    let object = event.data.object.get();
    let (id, created) = (known_id(event.id)?, Timestamp::from_second(event.created)?);
    if kind == Kind::Checkout {
        let checkout: Checkout = serde_json::from_str(object)?;
        // Without one something else was paid for, by a guest.
        let Some(customer) = checkout.customer else { return Ok(None) };
        let subscription = checkout.subscription.map(known_id).transpose()?;
        let user = account(checkout.client_reference_id);
        return Ok(Some(Told { id, kind, created, customer: known_id(customer)?, subscription, user, terms: None }));
    }
    let mut subscription: Subscription = serde_json::from_str(object)?;
    let user = account(subscription.metadata.take().and_then(|known| known.user_id));
    let terms = Some(subscription.terms(kind)?);
    let (customer, subscription) = (known_id(subscription.customer)?, Some(known_id(subscription.id)?));
    Ok(Some(Told { id, kind, created, customer, subscription, user, terms }))
}

impl Subscription {
    fn terms(&self, kind: Kind) -> Result<Terms, Unreadable> {
        let items = self.items.as_ref().map(|items| items.data.as_slice()).unwrap_or_default();
        let of_items = items.iter().filter_map(|item| item.current_period_end).max();
        let prices = items.iter().filter_map(|item| item.price.as_ref()).map(|price| known_id(price.id.clone()));
        let prices = prices.collect::<Result<Vec<String>, _>>()?;
        let moment = |secs: i64| Timestamp::from_second(secs).map_err(Unreadable::Moment);
        Ok(Terms {
            status: if kind == Kind::Deleted { Status::Canceled } else { Status::named(&self.status) },
            plan: prices.first().cloned(),
            prices,
            period_end: self.current_period_end.or(of_items).map(moment).transpose()?,
            cancel_at_period_end: self.cancel_at_period_end,
            cancel_at: self.cancel_at.map(moment).transpose()?,
        })
    }
}

/// The account that a text names, if it can be one.
fn account(text: Option<String>) -> Option<UserId> {
    text.and_then(|text| text.trim().parse().ok())
}

fn known_id(text: String) -> Result<String, Unreadable> {
    let fits = (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if fits { Ok(text) } else { Err(Unreadable::Id) }
}
