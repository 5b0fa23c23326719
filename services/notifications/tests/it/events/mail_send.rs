//! mail.send.v1.

use contracts::mail::Send;
use outbox::{Halt, Taken};

use crate::support::{TestApp, deliveries, mails, send_due, wish, with_folder};

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
