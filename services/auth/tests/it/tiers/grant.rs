//! What administrators give.

use auth::jobs::settle_tiers;
use auth::revocations::Ended;
use auth::tiers::{self, Given};
use contracts::auth::UserTierChanged;
use contracts::{Tier, UserId};
use db::Tx;
use jiff::{SignedDuration, Timestamp};
use problem::Problem;

use crate::subscriptions::{BEGIN, Payments, subscription};
use crate::support::{Deeds, SignedIn, TestApp, held, somebody_waits};

async fn give(app: &TestApp, user: UserId, tier: Tier, until: Option<Timestamp>) -> Result<Ended, Problem> {
    let by = Some(UserId(uuid::Uuid::from_u128(7)));
    let given = Given { user, tier, until, by };
    app.db().tx(async move |tx: &mut Tx| tiers::grant(tx, &app.clock, &given).await).await
}

#[tokio::test]
async fn an_account_that_is_not_there_gets_nothing() {
    let app = TestApp::start().await;
    let refused = give(&app, UserId::at(app.clock.now()), Tier::Premium, None).await.unwrap_err();
    assert_eq!((refused.status(), app.count("SELECT count(*) FROM tier_grants").await), (404, 0));
}

#[tokio::test]
async fn what_is_given_holds_with_the_next_token_and_names_who_gave_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    give(&app, ada.id, Tier::Premium, None).await.unwrap().tell(app.state());
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(next.claims()["tier"], "PREMIUM");
    let told = app.emitted_of::<UserTierChanged>().await;
    assert_eq!(told[0].by, Some(UserId(uuid::Uuid::from_u128(7))));
    give(&app, ada.id, Tier::Free, None).await.unwrap().tell(app.state());
    next.actor.get("/auth/me").await.is(401, "token_revoked");
    assert_eq!(SignedIn::of(&app, &app.refreshes(&next.refresh).await).claims()["tier"], "FREE");
}

#[tokio::test]
async fn what_was_given_already_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for until in [None, Some(app.clock.now() + SignedDuration::from_hours(1)), None] {
        give(&app, ada.id, Tier::Premium, until).await.unwrap().tell(app.state());
    }
    give(&app, ada.id, Tier::Premium, Some(app.clock.now())).await.unwrap().tell(app.state());
    assert_eq!((app.premium().await, app.told::<UserTierChanged>().await), (0, 2), "one that is over gives nothing");
}

#[tokio::test]
async fn what_is_paid_for_is_not_taken_back_and_what_was_given_outlasts_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    give(&app, ada.id, Tier::Premium, None).await.unwrap().tell(app.state());
    give(&app, ada.id, Tier::Free, None).await.unwrap().tell(app.state());
    assert_eq!((app.premium().await, app.told::<UserTierChanged>().await), (1, 1));
    give(&app, ada.id, Tier::Premium, None).await.unwrap().tell(app.state());
    app.hears(&subscription("deleted", "ada", BEGIN + 1, "canceled")).await;
    assert_eq!((app.premium().await, app.told::<UserTierChanged>().await), (1, 1));
}

#[tokio::test]
async fn what_was_given_ends_by_itself() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let until = app.clock.now() + SignedDuration::from_mins(10);
    give(&app, ada.id, Tier::Premium, Some(until)).await.unwrap().tell(app.state());
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    app.clock.advance(SignedDuration::from_mins(10));
    while settle_tiers::once(app.state()).await.unwrap() {}
    next.actor.get("/auth/me").await.is(401, "token_revoked");
    assert_eq!(SignedIn::of(&app, &app.refreshes(&next.refresh).await).claims()["tier"], "FREE");
}

/// Tokens are old by when the account was locked, not by when the transaction began to wait for it.
#[tokio::test]
async fn a_token_that_is_made_while_the_grant_waits_dies_with_the_others() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let held = held(&app, ada.id).await;
    let refresh = async {
        somebody_waits(&app).await;
        app.clock.advance(SignedDuration::from_secs(5));
        let between = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
        held.release().await;
        between
    };
    let grant = give(&app, ada.id, Tier::Premium, None);
    let (given, between) = futures_util::future::join(grant, refresh).await;
    given.unwrap().tell(app.state());
    between.actor.get("/auth/me").await.is(401, "token_revoked");
    assert_eq!(SignedIn::of(&app, &app.refreshes(&between.refresh).await).claims()["tier"], "PREMIUM");
}
