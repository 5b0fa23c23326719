//! Taking in an event: keeping it, and what the customer's subscriptions and the account's tier are with it.

use std::collections::BTreeSet;

use clock::Clock;
use contracts::{EventId, UserId};
use db::{Ts, Tx};
use problem::Problem;

use super::queries;
use super::row::{EventRow, SubscriptionRow};
use super::rules::{Offer, Standing, Status, Told, claims, standings};
use crate::accounts::{self, notices};
use crate::revocations::Ended;
use crate::tiers;

/// Keeps an event and does what follows from it; nothing where it came before, or names somebody who was erased.
pub async fn take_in(tx: &mut Tx, clock: &Clock, told: Told, offer: &Offer) -> Result<Vec<Ended>, Problem> {
    let (now, customer) = (tx.now(), told.customer.clone());
    queries::lock_customer(tx, &customer).await?;
    if let Some(user) = told.user
        && gdpr::is_erased(tx, user).await?
    {
        tracing::info!(event = %told.id, "an event about an account that was erased");
        return Ok(Vec::new());
    }
    let known = queries::events(tx, &customer).await?;
    if known.iter().any(|event| event.id == told.id) {
        return Ok(Vec::new());
    }
    let event = EventRow::of(&told, Ts(now));
    let all: Vec<Told> = known.into_iter().filter_map(EventRow::told).chain([told]).collect();
    let former = queries::owner(tx, &customer).await?;
    let owner = owner(tx, &all, former).await?;
    queries::keep_customer(tx, &customer, owner, now).await?;
    queries::insert_event(tx, &event).await?;
    let Some(owner) = owner else {
        tracing::info!(event = %event.id, "an event of a customer whose account nobody has named yet");
        return Ok(Vec::new());
    };
    for standing in standings(&all, offer) {
        keep(tx, owner, &standing).await?;
    }
    let mut ended = Vec::new();
    for user in former.into_iter().chain([owner]).collect::<BTreeSet<UserId>>() {
        ended.push(tiers::settle(tx, clock, user, None).await?);
    }
    Ok(ended)
}

/// Whose account the customer is: of those that its events name the best that there is. All of them are locked, by id.
async fn owner(tx: &mut Tx, all: &[Told], former: Option<UserId>) -> db::Result<Option<UserId>> {
    let claims = claims(all).into_iter().chain(former).collect::<Vec<_>>();
    let mut there = BTreeSet::new();
    for user in claims.iter().copied().collect::<BTreeSet<_>>() {
        if accounts::locked(tx, user).await?.is_some() {
            there.insert(user);
        }
    }
    Ok(claims.into_iter().find(|user| there.contains(user)))
}

/// Writes what a subscription is, where it is another than before. The owner is mailed when a payment is owed from now on.
async fn keep(tx: &mut Tx, owner: UserId, standing: &Standing) -> Result<(), Problem> {
    let now = tx.now();
    let before = queries::by_subscription(tx, &standing.subscription).await?;
    let mut row = SubscriptionRow::new(EventId::at(now).0, owner, standing, Ts(now));
    if let Some(before) = &before {
        (row.id, row.created_at, row.updated_at) = (before.id, before.created_at, before.updated_at);
        if row == *before {
            return Ok(());
        }
        row.updated_at = Ts(now);
    }
    queries::keep(tx, &row).await?;
    let owed = |status: &str| status == Status::PastDue.name();
    let news = owed(&row.status) && before.is_none_or(|before| !owed(&before.status));
    let until = standing.premium_until.filter(|until| news && now < *until);
    if let Some(until) = until
        && let Some(account) = accounts::whole(tx, owner).await?
    {
        notices::payment_failed(tx, &account, row.id, until).await?;
    }
    Ok(())
}
