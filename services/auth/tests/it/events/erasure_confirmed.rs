//! gdpr.erasure.confirmed.v1.

use contracts::ErasureId;
use contracts::gdpr::{ErasureCompleted, ErasureConfirmed};
use gdpr::Erased;
use outbox::{Halt, Taken};

use crate::erasures::{Erasure, NAME, OTHERS, confirms, deletes, look, receipt, with_services};
use crate::support::{Deeds, TestApp, together};

async fn running() -> (TestApp, Erasure) {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    (app, erasure)
}

async fn is_parked(app: &TestApp, receipt: &ErasureConfirmed) {
    let taken = app.deliver(receipt).await;
    assert!(matches!(taken, Err(Halt::Park(_))), "{taken:?}");
}

#[tokio::test]
async fn a_receipt_that_its_service_did_not_sign_is_set_aside() {
    let (app, erasure) = running().await;
    let users = receipt("users", erasure.id);
    let mut renamed = users.clone();
    renamed.service = "posts".into();
    is_parked(&app, &renamed).await;
    let mut changed = users.clone();
    changed.counts.insert("rows".into(), 4);
    is_parked(&app, &changed).await;
    let mut moved = users.clone();
    moved.erasure_id = ErasureId::at(app.clock.now());
    is_parked(&app, &moved).await;
    let pretender = authn::ServiceKey::of("posts", &authn::ServiceKey::draw().unwrap()).unwrap();
    is_parked(&app, &gdpr::write_receipt(&pretender, erasure.id, Erased::default()).unwrap()).await;
    is_parked(&app, &receipt("rise", erasure.id)).await;
    assert_eq!(erasure.state(&app).await, "RUNNING");
}

#[tokio::test]
async fn the_last_receipt_completes_it_in_whatever_order_they_come_and_however_often() {
    let (app, erasure) = running().await;
    for service in ["users", "users", "notifications", "users"] {
        confirms(&app, service, &erasure).await;
    }
    let event = app.envelope(&receipt("notifications", erasure.id));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    assert_eq!((erasure.state(&app).await.as_str(), app.told::<ErasureCompleted>().await), ("RUNNING", 0));
    confirms(&app, "posts", &erasure).await;
    let told = app.emitted_of::<ErasureCompleted>().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].participants, ["notifications", "posts", "users", "auth"]);
    let own = app.emitted_of::<ErasureConfirmed>().await.pop().unwrap();
    assert_eq!((own.service.as_str(), own.counts["accounts"]), ("auth", 1));
    let mark = app.mark().await;
    confirms(&app, "posts", &erasure).await;
    assert_eq!(app.deliver(&own).await, Ok(Taken::Now));
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn all_receipts_at_once_complete_it_once() {
    let (app, erasure) = running().await;
    let all: Vec<_> = OTHERS.iter().map(|service| receipt(service, erasure.id)).collect();
    let taken = together(all.iter().map(|receipt| app.deliver(receipt))).await;
    assert!(taken.iter().all(|taken| *taken == Ok(Taken::Now)), "{taken:?}");
    assert_eq!((erasure.state(&app).await.as_str(), app.told::<ErasureCompleted>().await), ("COMPLETED", 1));
}

#[tokio::test]
async fn a_receipt_of_an_erasure_that_nobody_knows_has_no_effect() {
    let (app, erasure) = running().await;
    let unknown = receipt("posts", ErasureId::at(app.clock.now()));
    assert_eq!(app.deliver(&unknown).await, Ok(Taken::Now));
    assert_eq!(erasure.state(&app).await, "RUNNING");
}

#[tokio::test]
async fn the_last_mail_names_no_account_and_a_late_profile_brings_none_back() {
    use contracts::Event;
    use contracts::users::ProfileUpdated;
    let (app, erasure) = running().await;
    let user = app.emitted_of::<contracts::gdpr::ErasureRequested>().await[0].user_id;
    for service in OTHERS {
        confirms(&app, service, &erasure).await;
    }
    let mail = app.mails(NAME).await.pop().unwrap();
    assert_eq!(
        (mail.template.as_str(), mail.user_id, mail.dedup_key),
        ("erasure_completed", None, format!("erasure_completed:{}", erasure.id))
    );
    let late = ProfileUpdated { user_id: user, version: 9, ..ProfileUpdated::sample() };
    assert_eq!(app.deliver(&late).await, Ok(Taken::Now));
    assert_eq!(app.count("SELECT count(*) FROM profiles").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM inbox_sequences").await, 0);
}
