//! POST /auth/billing/stripe/webhook.

use auth::subscriptions::take_in::take_in;
use auth::subscriptions::wire;
use contracts::UserId;
use contracts::auth::{SessionRevoked, UserTierChanged};
use db::Tx;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{BEGIN, DAY, Payments, WEBHOOK, checkout, signature, subscription, with};
use crate::support::{Deeds, STRIPE_SECRETS, SignedIn, TestApp, together};

const EVENTS: &str = "SELECT count(*) FROM stripe_events";

#[tokio::test]
async fn without_a_secret_there_is_no_webhook() {
    let app = TestApp::with(&[("AUTH_STRIPE_WEBHOOK_SECRET", "")]).await;
    app.sends(&subscription("created", "ada", BEGIN, "active")).await.is(404, "not_found");
}

#[tokio::test]
async fn what_stripe_did_not_sign_a_moment_ago_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let event = serde_json::to_vec(&checkout(ada.id, "ada", BEGIN)).unwrap();
    let call = || app.nobody().call(Method::POST, WEBHOOK).bytes("application/json", event.clone());
    call().await.is(400, "signature_invalid");
    call().header("stripe-signature", "t=1,v1=00").await.is(400, "signature_invalid");
    let stranger = signature("whsec_of_somebody_else_who_is_not_us", BEGIN, &event);
    call().header("stripe-signature", &stranger).await.is(400, "signature_invalid");
    let recorded = signature(STRIPE_SECRETS[0], BEGIN, &event);
    app.clock.advance(SignedDuration::from_secs(301));
    call().header("stripe-signature", &recorded).await.is(400, "signature_invalid");
    assert_eq!((app.count(EVENTS).await, app.premium().await), (0, 0));
    app.clock.advance(SignedDuration::from_secs(-1));
    call().header("stripe-signature", &recorded).await.has_status(204);
    assert_eq!(app.count(EVENTS).await, 1);
}

#[tokio::test]
async fn what_is_signed_and_no_event_is_refused() {
    let app = TestApp::start().await;
    let unreadable = [
        json!("no event"),
        json!({ "id": "evt_1", "type": "customer.subscription.updated", "created": BEGIN }),
        with(subscription("updated", "ada", BEGIN, "active"), "customer", json!(null)),
        with(subscription("updated", "ada", BEGIN, "active"), "id", "sub\u{0}"),
        with(subscription("updated", "ada", BEGIN, "active"), "cancel_at", i64::MAX),
    ];
    for event in unreadable {
        app.sends(&event).await.is(400, "malformed");
    }
    let large = with(subscription("updated", "ada", BEGIN, "active"), "description", "a".repeat(1024 * 1024));
    app.sends(&large).await.is(413, "too_large");
    assert_eq!(app.count(EVENTS).await, 0);
}

#[tokio::test]
async fn what_changes_nothing_here_is_taken_and_left_aside() {
    let app = TestApp::start().await;
    for kind in ["invoice.payment_failed", "charge.refunded", "customer.created", "a.kind.that.is.to.come"] {
        app.hears(&json!({ "id": "evt_1", "type": kind, "created": BEGIN, "data": { "object": { "id": "x" } } })).await;
    }
    app.hears(&with(checkout(UserId::at(app.clock.now()), "eve", BEGIN), "customer", json!(null))).await;
    assert_eq!(app.count(EVENTS).await, 0);
}

#[tokio::test]
async fn who_pays_is_premium_with_the_next_token_and_stays_signed_in() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    app.pays(ada.id, "ada", BEGIN).await;
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!((&next.claims()["tier"], &next.claims()["sid"]), (&json!("PREMIUM"), &ada.claims()["sid"]));
    assert_eq!(next.actor.get("/auth/me").await.has_status(200).json()["tier"], "PREMIUM");
    bob.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.premium().await, 1);
    let told = app.emitted_of::<UserTierChanged>().await;
    assert_eq!(
        (told.len(), told[0].user_id, told[0].old.name(), told[0].new.name(), told[0].by),
        (1, ada.id, "FREE", "PREMIUM", None)
    );
    let revoked = app.emitted_of::<SessionRevoked>().await;
    assert_eq!((revoked.len(), revoked[0].user_id, revoked[0].not_before), (1, Some(ada.id), Some(told[0].not_before)));
    let mails: Vec<_> = app.mails("ada").await.into_iter().map(|mail| mail.template).collect();
    assert_eq!(mails, ["verify_email", "premium_started"]);
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'tier_changed'").await, 1);
}

#[tokio::test]
async fn who_pays_for_something_else_is_not_premium() {
    let app = TestApp::with(&[("AUTH_PREMIUM_PRICES", "price_yearly,price_monthly")]).await;
    let (ada, bob, eve) = (app.signs_in("ada").await, app.signs_in("bob").await, app.signs_in("eve").await);
    let item = |price: &str| json!({ "current_period_end": BEGIN + 30 * DAY, "price": { "id": price } });
    for (who, name, prices) in [(&bob, "bob", vec!["price_mug"]), (&eve, "eve", vec!["price_mug", "price_yearly"])] {
        app.hears(&checkout(who.id, name, BEGIN)).await;
        let items: Vec<_> = prices.into_iter().map(item).collect();
        let made = subscription("created", name, BEGIN, "active");
        app.hears(&with(made, "items", json!({ "object": "list", "data": items }))).await;
    }
    bob.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.premium().await, 1, "one of several prices is enough");
    app.pays(ada.id, "ada", BEGIN).await;
    assert_eq!(app.premium().await, 2);
    // What was told before is kept whole: nothing is lost with the next event.
    app.hears(&subscription("updated", "bob", BEGIN + 1, "active")).await;
    assert_eq!(app.premium().await, 3);
}

#[tokio::test]
async fn who_pays_no_more_is_free_with_the_next_token() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    let paying = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    // In the second in which it began, while the token is dated ahead.
    app.hears(&subscription("deleted", "ada", BEGIN + 1, "canceled")).await;
    paying.actor.get("/auth/me").await.is(401, "token_revoked");
    let next = SignedIn::of(&app, &app.refreshes(&paying.refresh).await);
    assert_eq!(next.claims()["tier"], "FREE");
    next.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "premium_ended");
    app.hears(&subscription("updated", "ada", BEGIN + DAY, "active")).await;
    assert_eq!(app.premium().await, 0, "what is over stays over");
}

#[tokio::test]
async fn the_same_event_twenty_times_at_once_is_one_effect() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.hears(&checkout(ada.id, "ada", BEGIN)).await;
    let event = subscription("created", "ada", BEGIN, "active");
    for answer in together((0..20).map(|_| app.sends(&event))).await {
        answer.has_status(204);
    }
    assert_eq!((app.count(EVENTS).await, app.premium().await, app.told::<UserTierChanged>().await), (2, 1, 1));
    assert_eq!(app.mails("ada").await.iter().filter(|mail| mail.template == "premium_started").count(), 1);
}

#[tokio::test]
async fn several_processes_make_one_effect_as_well() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.hears(&checkout(ada.id, "ada", BEGIN)).await;
    let body = serde_json::to_vec(&subscription("created", "ada", BEGIN, "active")).unwrap();
    let told = wire::read(&body).unwrap().unwrap();
    let processes = app.processes(4).await;
    let taken = processes.iter().map(|process| {
        let told = told.clone();
        process.db.tx(async move |tx: &mut Tx| take_in(tx, &process.clock, told, &process.premium).await)
    });
    let ended: usize = together(taken).await.into_iter().map(|ended| ended.unwrap().len()).sum();
    assert_eq!((ended, app.count(EVENTS).await, app.told::<UserTierChanged>().await), (1, 2, 1));
}

#[tokio::test]
async fn a_subscription_waits_for_whoever_paid_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.hears(&subscription("created", "ada", BEGIN, "active")).await;
    assert_eq!((app.premium().await, app.count("SELECT count(*) FROM user_subscriptions").await), (0, 0));
    app.hears(&checkout(ada.id, "ada", BEGIN + 2)).await;
    assert_eq!((app.premium().await, app.count("SELECT count(*) FROM user_subscriptions").await), (1, 1));
}

#[tokio::test]
async fn a_subscription_may_name_its_account_and_a_checkout_knows_better() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let named = with(subscription("created", "ada", BEGIN, "active"), "metadata", json!({ "user_id": bob.id }));
    app.hears(&named).await;
    let whose = "SELECT email FROM users WHERE tier = 'PREMIUM'";
    assert_eq!((app.premium().await, app.text(whose).await), (1, "bob@example.org".into()));
    app.hears(&checkout(ada.id, "ada", BEGIN)).await;
    assert_eq!((app.premium().await, app.text(whose).await), (1, "ada@example.org".into()));
    bob.actor.get("/auth/me").await.is(401, "token_revoked");
}

#[tokio::test]
async fn a_customer_of_nobody_here_is_kept_and_gives_nothing() {
    let app = TestApp::start().await;
    app.signs_in("ada").await;
    app.pays(UserId::at(app.clock.now()), "eve", BEGIN).await;
    app.hears(&with(checkout(UserId::at(app.clock.now()), "mallory", BEGIN), "client_reference_id", "'; DROP")).await;
    assert_eq!((app.count(EVENTS).await, app.premium().await), (3, 0));
}

#[tokio::test]
async fn of_an_event_no_name_address_or_card_is_kept() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    let kept = app.text("SELECT string_agg(e::text, ' ') FROM stripe_events e").await
        + &app.text("SELECT string_agg(s::text, ' ') FROM user_subscriptions s").await;
    assert!(!kept.contains('@') && !kept.contains("Payer") && !kept.contains("pm_card"), "{kept}");
    app.kept_no_word_of(&["Payer".into(), "cus_ada".into(), "sub_ada".into()]).await;
}

#[tokio::test]
async fn an_account_that_goes_takes_all_of_it_along() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.execute("DELETE FROM users").await;
    let left = "SELECT (SELECT count(*) FROM stripe_events) + (SELECT count(*) FROM stripe_customers)
        + (SELECT count(*) FROM user_subscriptions)";
    assert_eq!(app.count(left).await, 0);
    app.hears(&subscription("updated", "ada", BEGIN + 1, "active")).await;
    assert_eq!(app.count("SELECT count(*) FROM user_subscriptions").await, 0);
}
