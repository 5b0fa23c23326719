//! Every SQL of subscriptions.

use contracts::UserId;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::{EventRow, SubscriptionRow};
use crate::schema::{stripe_customers, stripe_events, user_subscriptions};

/// Nobody else takes in an event of this customer until the transaction ends. It locks no row, so that whoever has an
/// account locked, and deletes what belongs to it, waits for nobody here.
pub async fn lock_customer(conn: &mut Connection, customer: &str) -> Result<()> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('stripe ' || $1, 0))::text";
    let _locked: String = sql::<Text>(LOCK).bind::<Text, _>(customer).get_result(conn).await?;
    Ok(())
}

/// The events of a customer so far.
pub async fn events(conn: &mut Connection, customer: &str) -> Result<Vec<EventRow>> {
    Ok(EventRow::query().filter(stripe_events::customer_id.eq(customer)).load(conn).await?)
}

/// Whose account the customer is, if that is known.
pub async fn owner(conn: &mut Connection, customer: &str) -> Result<Option<UserId>> {
    let owner = stripe_customers::table.find(customer).select(stripe_customers::user_id);
    Ok(owner.first::<Option<UserId>>(conn).await.optional()?.flatten())
}

/// Keeps a customer, and whose account it is.
pub async fn keep_customer(conn: &mut Connection, customer: &str, owner: Option<UserId>, now: Timestamp) -> Result<()> {
    diesel::insert_into(stripe_customers::table)
        .values((
            stripe_customers::customer_id.eq(customer),
            stripe_customers::user_id.eq(owner),
            stripe_customers::last_event_at.eq(Ts(now)),
        ))
        .on_conflict(stripe_customers::customer_id)
        .do_update()
        .set((stripe_customers::user_id.eq(owner), stripe_customers::last_event_at.eq(Ts(now))))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps an event.
pub async fn insert_event(conn: &mut Connection, event: &EventRow) -> Result<()> {
    diesel::insert_into(stripe_events::table).values(event).execute(conn).await?;
    Ok(())
}

/// The subscription with this id at the provider's.
pub async fn by_subscription(conn: &mut Connection, subscription: &str) -> Result<Option<SubscriptionRow>> {
    let row = SubscriptionRow::query().filter(user_subscriptions::subscription_id.eq(subscription));
    Ok(row.first(conn).await.optional()?)
}

/// Keeps a subscription, or what it is now.
pub async fn keep(conn: &mut Connection, row: &SubscriptionRow) -> Result<()> {
    diesel::insert_into(user_subscriptions::table)
        .values(row)
        .on_conflict(user_subscriptions::subscription_id)
        .do_update()
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// The subscriptions of an account, the one that gives PREMIUM longest first, then the newest.
pub async fn of_user(conn: &mut Connection, user: UserId) -> Result<Vec<SubscriptionRow>> {
    let rows = SubscriptionRow::query()
        .filter(user_subscriptions::user_id.eq(user))
        .order((
            user_subscriptions::premium_until.desc().nulls_last(),
            user_subscriptions::last_event_at.desc(),
            user_subscriptions::id.desc(),
        ))
        .load(conn)
        .await?;
    Ok(rows)
}

/// Deletes up to `most` customers whose account nobody named, last heard of before `before`, with their events.
pub async fn sweep_unclaimed(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM stripe_customers WHERE customer_id IN (SELECT customer_id FROM stripe_customers
        WHERE user_id IS NULL AND last_event_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}

/// Deletes up to `most` subscriptions that were over before `before`, with their events.
pub async fn sweep_over(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "WITH ended AS (DELETE FROM user_subscriptions WHERE id IN (SELECT id FROM user_subscriptions
            WHERE status IN ('canceled', 'incomplete_expired') AND last_event_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING subscription_id),
        told AS (DELETE FROM stripe_events WHERE subscription_id IN (SELECT subscription_id FROM ended))
        SELECT count(*) FROM ended";
    let sweep = sql::<BigInt>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    let swept: i64 = sweep.get_result(conn).await?;
    Ok(usize::try_from(swept).unwrap_or(0))
}
