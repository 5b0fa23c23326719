//! auth.contact.changed.v1.

use contracts::auth::ContactChanged;
use contracts::mail::Send;
use outbox::Taken;

use crate::support::{TestApp, contact, deliveries, mails, profile, send_due, the_delivery, wish, with_folder};
use contracts::Language;

fn to_account(app: &TestApp, user: contracts::UserId, key: &str) -> Send {
    Send { to: None, user_id: Some(user), locale: None, ..wish(app, "verify_email", key) }
}

#[tokio::test]
async fn a_mail_goes_to_the_address_of_the_account() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&to_account(&app, ada.id, "a")).await.unwrap();
    app.deliver(&ContactChanged { email: "augusta@example.org".into(), version: 2, ..contact(ada.id) }).await.unwrap();
    send_due(&app).await;
    let [(_, mail)] = mails(&folder).try_into().unwrap();
    assert!(mail.contains("To: \"Ada Lovelace\" <augusta@example.org>"), "{mail}");
}

#[tokio::test]
async fn a_mail_waits_for_an_address_and_goes_out_with_it() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&to_account(&app, ada.id, "a")).await.unwrap();
    assert_eq!(send_due(&app).await, 1);
    let waits = the_delivery(&app).await;
    assert_eq!((waits.state.as_str(), waits.last_error.as_deref()), ("queued", Some("no address is known yet")));
    app.deliver(&contact(ada.id)).await.unwrap();
    assert_eq!(send_due(&app).await, 1, "at once, and not when its pause is over");
    assert_eq!(mails(&folder).len(), 1);
}

#[tokio::test]
async fn an_older_contact_never_replaces_a_newer_one() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    let newer = ContactChanged { email: "new@example.org".into(), version: 2, ..contact(ada.id) };
    assert_eq!(app.deliver(&newer).await, Ok(Taken::Now));
    assert_eq!(app.deliver(&contact(ada.id)).await, Ok(Taken::Outdated));
    app.deliver(&to_account(&app, ada.id, "a")).await.unwrap();
    send_due(&app).await;
    assert!(mails(&folder)[0].1.contains("<new@example.org>"), "{:?}", mails(&folder));
}

#[tokio::test]
async fn the_profiles_name_wins_whichever_comes_first() {
    let (app, folder) = with_folder().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let named = |user, version| contracts::users::ProfileUpdated {
        full_name: Some("Countess".into()),
        ..profile(user, Language::En, version)
    };
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&named(ada.id, 1)).await.unwrap();
    app.deliver(&named(bob.id, 1)).await.unwrap();
    app.deliver(&contact(bob.id)).await.unwrap();
    app.deliver(&to_account(&app, ada.id, "a")).await.unwrap();
    app.deliver(&to_account(&app, bob.id, "b")).await.unwrap();
    send_due(&app).await;
    assert_eq!(deliveries(&app).await.len(), 2);
    assert!(mails(&folder).iter().all(|(_, mail)| mail.contains("Hello Countess,")), "{:?}", mails(&folder));
}
