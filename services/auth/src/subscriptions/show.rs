//! GET /auth/subscription: what the caller's account has, and what it pays for.

use contracts::Tier;
use db::Ts;
use problem::codes::TOKEN_REVOKED;
use serde::Serialize;
use server::{Answer, Caller, Data, answer, get};
use utoipa::ToSchema;

use super::of_user;
use super::row::SubscriptionRow;
use crate::state::State;
use crate::tiers::rules::{Held, Kind};
use crate::{accounts, codes, tiers};

/// What an account has, and what it pays for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubscriptionView {
    /// The account's tier.
    tier: Tier,
    /// What gives it: `subscription`, `grant`, or `none`.
    source: &'static str,
    /// Until when it is known to hold; without an end where nothing is said.
    tier_until: Option<Ts>,
    /// How the subscription stands, in Stripe's words, where there is or was one.
    #[schema(example = "active")]
    status: Option<String>,
    /// The price that is paid.
    plan: Option<String>,
    /// Until when it is paid for.
    current_period_end: Option<Ts>,
    /// Whether it ends then.
    cancel_at_period_end: bool,
    /// When it ends, where that was chosen otherwise.
    cancel_at: Option<Ts>,
}

/// What the caller's account has, and the subscription that counts: the one that lasts longest, else the latest.
#[utoipa::path(tag = "auth", operation_id = "get_my_subscription", security(("bearer" = [])))]
#[get("/auth/subscription")]
pub async fn show(state: Data<State>, who: Caller) -> Answer<SubscriptionView> {
    let mut conn = state.db.conn().await?;
    let account = accounts::whole(&mut conn, who.id).await?;
    let tier = account.ok_or_else(|| codes::unauthorized(&TOKEN_REVOKED))?.user.tier();
    let held = tiers::held(&mut conn, who.id, state.clock.now()).await?;
    let subscription = of_user(&mut conn, who.id).await?.into_iter().next();
    answer(SubscriptionView::of(tier, held, subscription))
}

impl SubscriptionView {
    /// The tier is that of the tokens; what it comes from may have ended a moment ago.
    fn of(tier: Tier, held: Held, row: Option<SubscriptionRow>) -> Self {
        let source = match held.by {
            Some(Kind::Subscription) => "subscription",
            Some(Kind::Grant) => "grant",
            None => "none",
        };
        Self {
            tier,
            source,
            tier_until: held.until.filter(|_| held.tier == Tier::Premium).map(Ts),
            cancel_at_period_end: row.as_ref().is_some_and(|row| row.cancel_at_period_end),
            current_period_end: row.as_ref().and_then(|row| row.current_period_end),
            cancel_at: row.as_ref().and_then(|row| row.cancel_at),
            plan: row.as_ref().and_then(|row| row.plan.clone()),
            status: row.map(|row| row.status),
        }
    }
}
