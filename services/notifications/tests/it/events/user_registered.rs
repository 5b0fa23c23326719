//! auth.user.registered.v1.

use contracts::auth::{ContactChanged, Method, UserRegistered};
use contracts::{Language, Tier};
use outbox::Taken;

use crate::support::{TestApp, contact, mails, send_due, wish, with_folder};

fn registered(app: &TestApp, locale: Language) -> UserRegistered {
    let user_id = contracts::UserId::at(app.clock.now());
    UserRegistered { user_id, method: Method::Password, locale, tier: Tier::Free }
}

#[tokio::test]
async fn the_accounts_language_is_known_before_anything_else_is() {
    let (app, folder) = with_folder().await;
    let event = registered(&app, Language::En);
    assert_eq!(app.deliver(&event).await, Ok(Taken::Now));
    let wish = contracts::mail::Send { user_id: Some(event.user_id), locale: None, ..wish(&app, "verify_email", "k") };
    app.deliver(&wish).await.unwrap();
    send_due(&app).await;
    assert!(mails(&folder)[0].1.contains("Subject: Confirm your email address"), "{:?}", mails(&folder));
}

#[tokio::test]
async fn it_never_undoes_what_a_contact_said() {
    let (app, folder) = with_folder().await;
    let event = registered(&app, Language::En);
    app.deliver(&ContactChanged { locale: Language::Fr, ..contact(event.user_id) }).await.unwrap();
    app.deliver(&event).await.unwrap();
    let wish = contracts::mail::Send { user_id: Some(event.user_id), locale: None, ..wish(&app, "verify_email", "k") };
    app.deliver(&wish).await.unwrap();
    send_due(&app).await;
    assert!(mails(&folder)[0].1.contains("Subject: Confirmez votre adresse e-mail"), "{:?}", mails(&folder));
}
