//! Subscriptions: what Stripe tells of who pays.
//!
//! Each event is kept once, as ids, states and dates. They come in any order and twice: what a customer's subscriptions
//! are follows from all of its events together (see [`rules`]), so the order does not matter. Whoever takes one in locks
//! the customer first, then accounts by id. Start with [`receive`], then [`take_in`].

pub mod receive;
pub mod show;

pub mod queries;
pub mod row;
pub mod rules;
pub mod signature;
pub mod take_in;
pub mod wire;

use contracts::UserId;
use db::Connection;
use jiff::Timestamp;

use crate::tiers::rules::{Kind, Source};
use row::SubscriptionRow;

pub use rules::Offer;
pub use signature::Signers;

/// What gives an account PREMIUM, or gave it.
pub async fn sources(conn: &mut Connection, user: UserId) -> db::Result<Vec<Source>> {
    let rows = queries::of_user(conn, user).await?.into_iter();
    let untils = rows.filter_map(|row| row.premium_until);
    Ok(untils.map(|until| Source { kind: Kind::Subscription, until: Some(until.0) }).collect())
}

/// The subscriptions of an account, the one that counts first.
pub async fn of_user(conn: &mut Connection, user: UserId) -> db::Result<Vec<SubscriptionRow>> {
    queries::of_user(conn, user).await
}

/// Deletes up to `most` customers whom nobody claimed since `unclaimed`, and as many subscriptions that were over before
/// `over`; says how many of either.
pub async fn sweep(conn: &mut Connection, unclaimed: Timestamp, over: Timestamp, most: i64) -> db::Result<usize> {
    let customers = queries::sweep_unclaimed(conn, unclaimed, most).await?;
    Ok(customers.max(queries::sweep_over(conn, over, most).await?))
}
