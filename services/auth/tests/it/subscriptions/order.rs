//! Stripe sends events in any order, and some twice: what becomes of them is the same.

use contracts::UserId;
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

use super::{BEGIN, DAY, Payments, checkout, subscription, with};
use crate::support::{Deeds, TestApp};

/// All that became of the accounts, but for their ids: once for each outcome.
const OUTCOMES: &str =
    "SELECT string_agg(DISTINCT concat_ws(' ', u.tier, u.tier_until AT TIME ZONE 'UTC', s.status, s.plan,
        s.current_period_end AT TIME ZONE 'UTC', s.cancel_at_period_end, s.past_due_since AT TIME ZONE 'UTC',
        s.premium_until AT TIME ZONE 'UTC', s.last_event_at AT TIME ZONE 'UTC'), '; ')
    FROM users u LEFT JOIN user_subscriptions s ON s.user_id = u.id";

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let shorter = orders(last);
    let places = |order: &Vec<usize>| {
        (0..=order.len()).map(|at| [&order[..at], &[last], &order[at..]].concat()).collect::<Vec<_>>()
    };
    shorter.iter().flat_map(places).collect()
}

/// Accounts without anything else.
async fn people(app: &TestApp, count: usize) -> Vec<UserId> {
    let ids: Vec<UserId> = (0..count).map(|_| UserId::at(app.clock.now())).collect();
    let rows: Vec<String> = ids
        .iter()
        .map(|id| format!("('{id}', '{id}@example.org', 'fr', '{{user}}', 'FREE', true, '2026-01-01Z', '2026-01-01Z')"))
        .collect();
    let people = format!(
        "INSERT INTO users (id, email, locale, roles, tier, is_verified, created_at, updated_at) VALUES {}",
        rows.join(", ")
    );
    app.db().conn().await.unwrap().batch_execute(&people).await.unwrap();
    ids
}

/// One person for each order of the events, who gets them in that order; all must come to the same.
async fn one_outcome(story: fn(UserId, &str) -> Vec<Value>, expected: &str) {
    let app = TestApp::start().await;
    let orders = orders(story(UserId::at(app.clock.now()), "").len());
    for (nth, (order, user)) in orders.iter().zip(people(&app, orders.len()).await).enumerate() {
        let events = story(user, &nth.to_string());
        for &at in order {
            app.hears(&events[at]).await;
        }
        app.hears(&events[order[0]]).await;
    }
    assert_eq!(app.text(OUTCOMES).await, expected);
}

#[test]
fn every_order_is_tried() {
    let all = orders(4);
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (24, 24));
}

#[tokio::test]
async fn who_begins_to_pay_is_premium_in_every_order() {
    let story = |user: UserId, name: &str| {
        vec![
            subscription("created", name, BEGIN, "incomplete"),
            subscription("updated", name, BEGIN, "active"),
            checkout(user, name, BEGIN + 2),
            subscription("updated", name, BEGIN + 30 * DAY, "active"),
        ]
    };
    one_outcome(
        story,
        "PREMIUM 2026-03-21 09:30:00 active price_monthly 2026-03-14 09:30:00 f 2026-03-21 09:30:00 \
         2026-02-12 09:30:00",
    )
    .await;
}

#[tokio::test]
async fn who_ends_it_is_free_in_every_order() {
    let story = |user: UserId, name: &str| {
        let told =
            |what, at, status| with(subscription(what, name, at, status), "metadata", json!({ "user_id": user }));
        vec![
            told("created", BEGIN, "active"),
            checkout(user, name, BEGIN),
            with(told("updated", BEGIN + DAY, "active"), "cancel_at_period_end", true),
            told("resumed", BEGIN + DAY, "active"),
            told("deleted", BEGIN + DAY, "canceled"),
        ]
    };
    one_outcome(story, "FREE canceled price_monthly 2026-02-13 09:30:00 f 2026-01-14 09:30:00").await;
}

#[tokio::test]
async fn a_payment_that_failed_is_owed_since_the_same_moment_in_every_order() {
    let story = |user: UserId, name: &str| {
        vec![
            checkout(user, name, BEGIN),
            subscription("updated", name, BEGIN + 1, "past_due"),
            subscription("updated", name, BEGIN + 2, "active"),
            subscription("updated", name, BEGIN + 3, "past_due"),
            subscription("updated", name, BEGIN + 4, "past_due"),
        ]
    };
    one_outcome(
        story,
        "PREMIUM 2026-01-20 09:30:03 past_due price_monthly 2026-02-12 09:30:04 f 2026-01-13 09:30:03 \
         2026-01-20 09:30:03 2026-01-13 09:30:04",
    )
    .await;
}

#[tokio::test]
async fn two_subscriptions_of_one_person_do_not_meet() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "first", BEGIN).await;
    app.pays(ada.id, "second", BEGIN + 1).await;
    app.hears(&subscription("deleted", "first", BEGIN + 2, "canceled")).await;
    assert_eq!(app.premium().await, 1);
    app.hears(&subscription("deleted", "second", BEGIN + 2, "canceled")).await;
    assert_eq!(app.premium().await, 0);
}
