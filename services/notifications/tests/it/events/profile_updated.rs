//! users.profile.updated.v1.

use contracts::Language;
use contracts::auth::UserEmailVerified;
use contracts::mail::Send;
use contracts::users::ProfileUpdated;
use outbox::Taken;

use crate::support::{contact, mails, profile, send_due, the_delivery, wish, with_folder};

#[tokio::test]
async fn a_mail_is_written_in_the_profiles_language_unless_the_wish_says_another() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&profile(ada.id, Language::Fr, 1)).await.unwrap();
    let to_ada = |key: &str, locale| Send { user_id: Some(ada.id), locale, ..wish(&app, "reset_password", key) };
    app.deliver(&to_ada("a", None)).await.unwrap();
    send_due(&app).await;
    assert!(mails(&folder)[0].1.contains("Subject: Choisissez un nouveau mot de passe"), "{:?}", mails(&folder));
    app.clock.advance(jiff::SignedDuration::from_secs(1));
    app.deliver(&to_ada("b", Some(Language::En))).await.unwrap();
    send_due(&app).await;
    assert!(mails(&folder)[1].1.contains("Subject: Choose a new password"), "{:?}", mails(&folder));
}

#[tokio::test]
async fn an_older_profile_never_replaces_a_newer_one() {
    let (app, _folder) = with_folder().await;
    let ada = app.user("ada").await;
    assert_eq!(app.deliver(&profile(ada.id, Language::En, 2)).await, Ok(Taken::Now));
    assert_eq!(app.deliver(&profile(ada.id, Language::Fr, 1)).await, Ok(Taken::Outdated));
}

#[tokio::test]
async fn whoever_switched_mail_off_is_not_welcomed_but_kept_safe() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    let mut off: ProfileUpdated = profile(ada.id, Language::En, 1);
    off.preferences.notifications.email = false;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&off).await.unwrap();
    app.deliver(&UserEmailVerified { user_id: ada.id, via: "link".into() }).await.unwrap();
    send_due(&app).await;
    let unwanted = the_delivery(&app).await;
    assert_eq!((unwanted.state.as_str(), mails(&folder).len()), ("failed", 0));
    let reset = Send { user_id: Some(ada.id), to: None, ..wish(&app, "reset_password", "a") };
    app.deliver(&reset).await.unwrap();
    send_due(&app).await;
    assert_eq!(mails(&folder).len(), 1);
}
