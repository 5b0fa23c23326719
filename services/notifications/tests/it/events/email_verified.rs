//! auth.user.email_verified.v1.

use contracts::auth::UserEmailVerified;
use jiff::SignedDuration;
use outbox::Taken;

use crate::support::{contact, deliveries, mails, send_due, the_delivery, with_folder};

#[tokio::test]
async fn whoever_proved_an_address_is_welcomed_once_however_often_it_is_told() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    let verified = UserEmailVerified { user_id: ada.id, via: "link".into() };
    let event = app.envelope(&verified);
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    send_due(&app).await;
    assert_eq!(app.deliver(&verified).await, Ok(Taken::Now), "another address, proven later");
    send_due(&app).await;
    let [(_, mail)] = mails(&folder).try_into().unwrap();
    assert!(mail.contains("Subject: Welcome to Jolmood, Ada Lovelace"), "{mail}");
    assert_eq!(deliveries(&app).await.len(), 1);
}

#[tokio::test]
async fn a_welcome_that_would_come_too_late_does_not_come() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&UserEmailVerified { user_id: ada.id, via: "link".into() }).await.unwrap();
    app.clock.advance(SignedDuration::from_hours(8 * 24));
    app.deliver(&contact(ada.id)).await.unwrap();
    send_due(&app).await;
    assert_eq!((the_delivery(&app).await.state.as_str(), mails(&folder).len()), ("expired", 0));
}
