//! mail.send.v1.

use contracts::mail::Send;
use outbox::{Halt, Taken};

use crate::support::{TestApp, contact, deliveries, mails, send_due, wish, with_folder};

#[tokio::test]
async fn two_wishes_with_one_key_are_one_mail() {
    let (app, folder) = with_folder().await;
    let event = app.envelope(&wish(&app, "verify_email", "verify:1"));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    assert_eq!(app.deliver(&wish(&app, "verify_email", "verify:1")).await, Ok(Taken::Now), "another event, one key");
    send_due(&app).await;
    assert_eq!(app.deliver(&wish(&app, "verify_email", "verify:1")).await, Ok(Taken::Now), "and after it was sent");
    send_due(&app).await;
    assert_eq!((deliveries(&app).await.len(), mails(&folder).len()), (1, 1));
    app.deliver(&wish(&app, "verify_email", "verify:2")).await.unwrap();
    send_due(&app).await;
    assert_eq!(mails(&folder).len(), 2);
}

#[tokio::test]
async fn a_wish_that_cannot_be_fulfilled_is_parked_with_the_reason() {
    let app = TestApp::start().await;
    let good = wish(&app, "verify_email", "k");
    let with_link = |link: &str| Send { params: [("link".to_owned(), link.to_owned())].into(), ..good.clone() };
    let cases = [
        (Send { template: "lottery".into(), ..good.clone() }, "no template"),
        (Send { template: "../layout".into(), ..good.clone() }, "no template"),
        (Send { params: Default::default(), ..good.clone() }, "needs the parameter link"),
        (Send { to: None, ..good.clone() }, "for nobody"),
        (Send { dedup_key: String::new(), ..good.clone() }, "dedup_key"),
        (Send { dedup_key: "k".repeat(256), ..good.clone() }, "dedup_key"),
        (with_link("https://evil.example/verify?token=a"), "away from the site"),
        (with_link("http://127.0.0.1:8080@evil.example/"), "away from the site"),
        (with_link("http://127.0.0.1:8081/"), "away from the site"),
        (with_link("javascript:alert(1)"), "away from the site"),
        (with_link("/verify"), "away from the site"),
    ];
    for (wish, reason) in cases {
        match app.deliver(&wish).await {
            Err(Halt::Park(said)) => assert!(said.contains(reason), "{said} does not say {reason}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
    assert!(deliveries(&app).await.is_empty());
}

#[tokio::test]
async fn what_happened_to_an_account_is_told_at_each_of_its_addresses() {
    let (app, folder) = with_folder().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    let told = |to: &str| Send {
        to: Some(to.into()),
        user_id: Some(ada.id),
        params: Default::default(),
        ..wish(&app, "email_changed", to)
    };
    for address in ["ada@example.org", "countess@example.org"] {
        assert_eq!(app.deliver(&told(address)).await, Ok(Taken::Now));
    }
    send_due(&app).await;
    let mails = mails(&folder);
    assert_eq!(mails.len(), 2, "{mails:?}");
    for address in ["<ada@example.org>", "<countess@example.org>"] {
        assert_eq!(mails.iter().filter(|(_, mail)| mail.contains(address)).count(), 1, "{mails:?}");
    }
    assert!(mails.iter().all(|(_, mail)| mail.contains("Subject: Your email address has changed")), "{mails:?}");
}
