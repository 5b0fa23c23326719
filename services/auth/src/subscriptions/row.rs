//! The rows of subscriptions.

use contracts::UserId;
use db::Ts;
use diesel::prelude::*;
use uuid::Uuid;

use super::rules::{Kind, Standing, Status, Terms, Told};
use crate::schema::{stripe_events, user_subscriptions};

/// Whose events they are: Stripe, the one provider so far.
pub const STRIPE: &str = "stripe";

/// What is kept of an event.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = stripe_events)]
pub struct EventRow {
    /// Stripe's id of it.
    pub id: String,
    /// The customer.
    pub customer_id: String,
    /// The subscription.
    pub subscription_id: Option<String>,
    /// What it is about.
    pub kind: String,
    /// When it happened.
    pub created_at: Ts,
    /// Whom it names as the account.
    pub claimed_user_id: Option<UserId>,
    /// How the subscription stood.
    pub status: Option<String>,
    /// What was paid for, as it is shown.
    pub plan: Option<String>,
    /// All prices that were paid for; none of an event from before they were kept.
    pub prices: Vec<Option<String>>,
    /// Until when.
    pub current_period_end: Option<Ts>,
    /// Whether it was to end then.
    pub cancel_at_period_end: bool,
    /// When it was to end otherwise.
    pub cancel_at: Option<Ts>,
    /// When it arrived.
    pub received_at: Ts,
}

/// A subscription, as its events come to.
#[derive(Clone, Debug, PartialEq, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = user_subscriptions, treat_none_as_null = true)]
pub struct SubscriptionRow {
    /// Its id here.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// Who is paid.
    pub provider: String,
    /// The customer there.
    pub customer_id: String,
    /// Its id there.
    pub subscription_id: String,
    /// How it stands.
    pub status: String,
    /// What is paid for.
    pub plan: Option<String>,
    /// Until when.
    pub current_period_end: Option<Ts>,
    /// Whether it ends then.
    pub cancel_at_period_end: bool,
    /// When it ends otherwise.
    pub cancel_at: Option<Ts>,
    /// Since when a payment is owed.
    pub past_due_since: Option<Ts>,
    /// Until when it gives PREMIUM.
    pub premium_until: Option<Ts>,
    /// When what holds happened.
    pub last_event_at: Ts,
    /// When it was first heard of.
    pub created_at: Ts,
    /// When anything of this last changed.
    pub updated_at: Ts,
}

impl EventRow {
    /// What is kept of an event that arrives at `now`.
    pub fn of(told: &Told, now: Ts) -> Self {
        let terms = told.terms.as_ref();
        Self {
            id: told.id.clone(),
            customer_id: told.customer.clone(),
            subscription_id: told.subscription.clone(),
            kind: told.kind.name().into(),
            created_at: Ts(told.created),
            claimed_user_id: told.user,
            status: terms.map(|terms| terms.status.name().into()),
            plan: terms.and_then(|terms| terms.plan.clone()),
            prices: terms.into_iter().flat_map(|terms| terms.prices.iter().cloned().map(Some)).collect(),
            current_period_end: terms.and_then(|terms| terms.period_end).map(Ts),
            cancel_at_period_end: terms.is_some_and(|terms| terms.cancel_at_period_end),
            cancel_at: terms.and_then(|terms| terms.cancel_at).map(Ts),
            received_at: now,
        }
    }

    /// The event again; nothing for one of a kind that this version does not know.
    pub fn told(self) -> Option<Told> {
        let prices = self.prices.into_iter().flatten().collect();
        let terms = self.status.as_deref().map(Status::named).map(|status| Terms {
            status,
            plan: self.plan,
            prices,
            period_end: self.current_period_end.map(|at| at.0),
            cancel_at_period_end: self.cancel_at_period_end,
            cancel_at: self.cancel_at.map(|at| at.0),
        });
        Some(Told {
            kind: Kind::named(&self.kind)?,
            id: self.id,
            created: self.created_at.0,
            customer: self.customer_id,
            subscription: self.subscription_id,
            user: self.claimed_user_id,
            terms,
        })
    }
}

impl SubscriptionRow {
    /// A subscription that is heard of for the first time.
    pub fn new(id: Uuid, user: UserId, standing: &Standing, now: Ts) -> Self {
        Self {
            id,
            user_id: user,
            provider: STRIPE.into(),
            customer_id: standing.customer.clone(),
            subscription_id: standing.subscription.clone(),
            status: standing.terms.status.name().into(),
            plan: standing.terms.plan.clone(),
            current_period_end: standing.terms.period_end.map(Ts),
            cancel_at_period_end: standing.terms.cancel_at_period_end,
            cancel_at: standing.terms.cancel_at.map(Ts),
            past_due_since: standing.past_due_since.map(Ts),
            premium_until: standing.premium_until.map(Ts),
            last_event_at: Ts(standing.told_at),
            created_at: now,
            updated_at: now,
        }
    }
}
