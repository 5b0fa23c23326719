//! gdpr.erasure.requested.v1.

use contracts::auth::{ContactChanged, Method, UserEmailVerified, UserRegistered};
use contracts::gdpr::{ErasureConfirmed, ErasureRequested};
use contracts::mail::Send;
use contracts::notifications::EmailSent;
use contracts::{ErasureId, Event, Language, Tier, UserId};
use outbox::Taken;

use crate::support::{TestApp, contact, deliveries, mails, profile, send_due, wish, with_folder};

fn asked(app: &TestApp, user_id: UserId) -> ErasureRequested {
    let erasure_id = ErasureId::at(app.clock.now());
    ErasureRequested { erasure_id, user_id, participants: vec!["notifications".into()], ..ErasureRequested::sample() }
}

/// The last mail: to an address, of no account.
fn farewell(app: &TestApp) -> Send {
    Send { params: Default::default(), ..wish(app, "erasure_completed", "erasure_completed:1") }
}

#[tokio::test]
async fn nobody_is_written_to_who_was_erased() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&Send { user_id: Some(ada.id), ..wish(&app, "verify_email", "before") }).await.unwrap();
    app.deliver(&Send { params: wish(&app, "verify_email", "").params, ..wish(&app, "verify_email", "address") })
        .await
        .unwrap();
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    let registered =
        UserRegistered { user_id: ada.id, method: Method::Password, locale: Language::En, tier: Tier::Free };
    assert_eq!(app.deliver(&registered).await, Ok(Taken::Now));
    assert_eq!(app.deliver(&ContactChanged { version: 9, ..contact(ada.id) }).await, Ok(Taken::Now));
    assert_eq!(app.deliver(&profile(ada.id, Language::En, 9)).await, Ok(Taken::Now));
    assert_eq!(app.deliver(&UserEmailVerified { user_id: ada.id, via: "link".into() }).await, Ok(Taken::Now));
    let late = Send { user_id: Some(ada.id), ..wish(&app, "verify_email", "late") };
    assert_eq!(app.deliver(&late).await, Ok(Taken::Now));
    send_due(&app).await;
    assert_eq!((deliveries(&app).await.len(), mails(&folder).len()), (0, 0));
}

#[tokio::test]
async fn whoever_has_the_address_by_now_keeps_his_mails() {
    let (app, _) = with_folder().await;
    let (ada, again) = (app.user("ada").await, app.user("ada again").await);
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&Send { user_id: Some(ada.id), ..wish(&app, "verify_email", "hers") }).await.unwrap();
    app.deliver(&Send { user_id: Some(again.id), ..wish(&app, "verify_email", "again") }).await.unwrap();
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    let left: Vec<_> = deliveries(&app).await.into_iter().map(|mail| (mail.dedup_key, mail.user_id)).collect();
    assert_eq!(left, [("again".to_owned(), Some(again.id))]);
    assert_eq!(app.emitted_of::<ErasureConfirmed>().await[0].counts["deliveries"], 1);
}

#[tokio::test]
async fn the_last_mail_goes_out_and_nothing_of_it_stays() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&Send {
        dedup_key: "erasure_requested:1".into(),
        template: "erasure_requested".into(),
        ..farewell(&app)
    })
    .await
    .unwrap();
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    app.deliver(&farewell(&app)).await.unwrap();
    assert_eq!(send_due(&app).await, 2, "that it began is told though he is gone");
    let mails = mails(&folder);
    assert!(mails.iter().any(|(_, mail)| mail.contains("Subject: Your account is erased")), "{mails:?}");
    assert!(deliveries(&app).await.is_empty());
    let told = app.emitted_of::<EmailSent>().await;
    assert_eq!((told.len(), told[0].user_id), (2, None));
    let found = testkit::found_in(app.db(), &[&ada.id.to_string(), "ada@", "@example.org", "Lovelace"]).await;
    assert_eq!(found, ["erased_subjects.user_id"]);
}

#[tokio::test]
async fn asked_again_it_answers_the_same_receipt() {
    let (app, _) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&Send { user_id: Some(ada.id), ..wish(&app, "verify_email", "one") }).await.unwrap();
    send_due(&app).await;
    let asked = asked(&app, ada.id);
    let event = app.envelope(&asked);
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    assert_eq!(app.deliver(&asked).await, Ok(Taken::Now));
    let receipts = app.emitted_of::<ErasureConfirmed>().await;
    assert_eq!((receipts.len(), &receipts[0]), (2, &receipts[1]));
    assert_eq!((receipts[0].counts["contacts"], receipts[0].counts["deliveries"]), (1, 1));
    assert_eq!(app.emitted().await.len(), 2, "what was told of her is forgotten");
}

#[tokio::test]
async fn an_erasure_and_whoever_writes_wait_for_each_other() {
    let (app, _) = with_folder().await;
    for round in 0..10 {
        let user = UserId::at(app.clock.now());
        let (asked, contact, profile) = (asked(&app, user), contact(user), profile(user, Language::Fr, 1));
        let wish = Send { user_id: Some(user), ..wish(&app, "verify_email", &format!("race:{round}")) };
        let all =
            futures_util::join!(app.deliver(&asked), app.deliver(&contact), app.deliver(&profile), app.deliver(&wish));
        assert_eq!(all, (Ok(Taken::Now), Ok(Taken::Now), Ok(Taken::Now), Ok(Taken::Now)));
        assert!(deliveries(&app).await.is_empty());
    }
    assert_eq!(testkit::found_in(app.db(), &["ada@example.org"]).await, Vec::<String>::new());
}
