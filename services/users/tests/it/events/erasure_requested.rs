//! gdpr.erasure.requested.v1.

use contracts::auth::{Method, UserRegistered};
use contracts::gdpr::{ErasureConfirmed, ErasureRequested};
use contracts::{ErasureId, Event, Language, Tier, UserId};
use diesel_async::SimpleAsyncConnection;
use outbox::Taken;
use serde_json::json;

use crate::support::{TestApp, contact};

fn asked(app: &TestApp, user_id: UserId) -> ErasureRequested {
    let erasure_id = ErasureId::at(app.clock.now());
    ErasureRequested { erasure_id, user_id, participants: vec!["users".into()], ..ErasureRequested::sample() }
}

async fn receipts(app: &TestApp) -> Vec<ErasureConfirmed> {
    app.emitted_of::<ErasureConfirmed>().await
}

#[tokio::test]
async fn late_events_bring_nobody_back() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    let mark = app.mark().await;
    let registered =
        UserRegistered { user_id: ada.id, method: Method::Password, locale: Language::En, tier: Tier::Free };
    assert_eq!(app.deliver(&registered).await, Ok(Taken::Now));
    let later = contracts::auth::ContactChanged { version: 9, ..contact(ada.id, "ada") };
    assert_eq!(app.deliver(&later).await, Ok(Taken::Now));
    app.emitted_nothing_since(mark).await;
    let bob = app.user("bob").await;
    bob.get(&format!("/users/{}", ada.id)).await.is(404, "not_found");
}

#[tokio::test]
async fn a_token_that_still_lives_makes_no_new_profile() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.get("/users/me").await.has_status(200);
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    let refused = ada.get("/users/me").await;
    refused.is(401, "token_revoked");
    assert_eq!(refused.json()["login_url"], "/api/v1/auth/login");
    ada.patch("/users/me", json!({ "bio": "Still here." })).await.is(401, "token_revoked");
}

#[tokio::test]
async fn an_erasure_and_whoever_writes_wait_for_each_other() {
    let (app, ada, _) = TestApp::with_two_users().await;
    for round in 0..10 {
        let user = UserId::at(app.clock.now());
        let (asked, contact) = (asked(&app, user), contact(user, &format!("racer{round}")));
        let (erased, filled) = futures_util::join!(app.deliver(&asked), app.deliver(&contact));
        assert_eq!((erased, filled), (Ok(Taken::Now), Ok(Taken::Now)));
        ada.get(&format!("/users/{user}")).await.is(404, "not_found");
    }
}

#[tokio::test]
async fn asked_twice_it_answers_the_same_receipt_and_erases_once() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    let (asked, other) =
        (asked(&app, ada.id), ErasureRequested { participants: vec!["posts".into()], ..asked(&app, ada.id) });
    let event = app.envelope(&asked);
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    assert_eq!(receipts(&app).await.len(), 1);
    assert_eq!(app.deliver(&asked).await, Ok(Taken::Now), "asked again, by another event");
    assert_eq!(app.deliver(&ErasureRequested { erasure_id: asked.erasure_id, ..other }).await, Ok(Taken::Now));
    let receipts = receipts(&app).await;
    assert_eq!(receipts.len(), 2, "whose receipt is not awaited says nothing");
    assert_eq!(receipts[0], receipts[1]);
    assert_eq!((receipts[0].service.as_str(), receipts[0].counts["profiles"]), ("users", 1));
    let keys: authn::JwkSet = serde_json::from_str(&testkit::service_keys(&["users"])).unwrap();
    gdpr::verify(&authn::ServiceKeys::of(keys).unwrap(), &receipts[0]).unwrap();
}

#[tokio::test]
async fn asked_again_once_the_key_is_another_it_signs_anew_what_was_erased() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    let asked = asked(&app, ada.id);
    app.deliver(&asked).await.unwrap();
    let of_another_key = "UPDATE erased_subjects SET receipt = jsonb_set(receipt, '{signature}', '\"e30.e30.c2ln\"')";
    app.db().conn().await.unwrap().batch_execute(of_another_key).await.unwrap();
    app.deliver(&asked).await.unwrap();
    let receipts = receipts(&app).await;
    assert_eq!((receipts.len(), &receipts[0].counts), (2, &receipts[1].counts));
    let keys: authn::JwkSet = serde_json::from_str(&testkit::service_keys(&["users"])).unwrap();
    gdpr::verify(&authn::ServiceKeys::of(keys).unwrap(), &receipts[1]).unwrap();
}

#[tokio::test]
async fn nothing_that_was_told_of_him_is_kept() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    app.deliver(&contact(ada.id, "ada")).await.unwrap();
    bob.get("/users/me").await.has_status(200);
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    for told in app.emitted().await {
        let text = serde_json::to_string(&told).unwrap();
        assert!(!text.contains(&ada.id.to_string()) && !text.contains("Lovelace"), "{text}");
    }
    let mut conn = app.db().conn().await.unwrap();
    let nobody_else = "DO $$ BEGIN ASSERT (SELECT count(*) FROM user_profiles) = 1; END $$";
    conn.batch_execute(nobody_else).await.unwrap();
}

#[tokio::test]
async fn somebody_unknown_is_erased_by_a_receipt_of_nothing() {
    let app = TestApp::start().await;
    app.deliver(&asked(&app, UserId::at(app.clock.now()))).await.unwrap();
    assert_eq!(receipts(&app).await[0].counts["profiles"], 0);
}
