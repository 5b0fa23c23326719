//! GET /auth/subscription.

use auth::tiers::{self, Given};
use contracts::Tier;
use db::Tx;
use jiff::SignedDuration;

use super::{BEGIN, Payments, subscription, with};
use crate::support::{Deeds, SignedIn, TestApp};

async fn shown(app: &TestApp, who: &SignedIn) -> serde_json::Value {
    let next = SignedIn::of(app, &app.refreshes(&who.refresh).await);
    next.actor.get("/auth/subscription").await.has_status(200).json()
}

#[tokio::test]
async fn only_who_is_signed_in_and_there_sees_it() {
    let app = TestApp::start().await;
    app.nobody().get("/auth/subscription").await.is(401, "unauthenticated");
    let ada = app.signs_in("ada").await;
    app.execute("DELETE FROM users").await;
    ada.actor.get("/auth/subscription").await.is(401, "token_revoked");
}

#[tokio::test]
async fn who_pays_nothing_has_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    insta::assert_json_snapshot!(shown(&app, &ada).await, @r#"
    {
      "cancel_at": null,
      "cancel_at_period_end": false,
      "current_period_end": null,
      "plan": null,
      "source": "none",
      "status": null,
      "tier": "FREE",
      "tier_until": null
    }
    "#);
}

#[tokio::test]
async fn who_pays_sees_until_when_and_nobody_elses() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    app.pays(bob.id, "bob", BEGIN).await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.hears(&with(subscription("updated", "ada", BEGIN + 1, "active"), "cancel_at_period_end", true)).await;
    insta::assert_json_snapshot!(shown(&app, &ada).await, @r#"
    {
      "cancel_at": null,
      "cancel_at_period_end": true,
      "current_period_end": "2026-02-12T09:30:01Z",
      "plan": "price_monthly",
      "source": "subscription",
      "status": "active",
      "tier": "PREMIUM",
      "tier_until": "2026-02-12T09:30:01Z"
    }
    "#);
}

#[tokio::test]
async fn what_was_given_is_shown_beside_what_is_over() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.hears(&subscription("deleted", "ada", BEGIN + 1, "canceled")).await;
    let until = app.clock.now() + SignedDuration::from_hours(24);
    let given = &Given { user: ada.id, tier: Tier::Premium, until: Some(until), by: None };
    let given = app.db().tx(async |tx: &mut Tx| tiers::grant(tx, &app.clock, given).await).await;
    given.unwrap().tell(app.state());
    let shown = shown(&app, &ada).await;
    assert_eq!((shown["tier"].as_str(), shown["source"].as_str()), (Some("PREMIUM"), Some("grant")));
    assert_eq!(
        (shown["status"].as_str(), shown["tier_until"].as_str()),
        (Some("canceled"), Some("2026-01-14T09:30:00Z"))
    );
}
