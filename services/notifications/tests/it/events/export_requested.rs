//! gdpr.export.requested.v1.

use contracts::UserId;
use contracts::mail::Send;
use diesel_async::SimpleAsyncConnection;
use testkit::Sent;

use crate::support::{TestApp, contact, wish};

const PEOPLE: [Sent; 2] = [
    Sent { file: "contact", table: "contacts", withheld: &[] },
    Sent { file: "deliveries", table: "deliveries", withheld: &["params", "dedup_key"] },
];

/// Somebody of whom everything is known, with one mail.
async fn whole(app: &TestApp, user: UserId, name: &str) {
    let rows = format!(
        "INSERT INTO contacts VALUES ('{user}', '{name}@example.org', true, '{name}', '{name} Lovelace', 'fr', 1, 'en',
            'Europe/Paris', true, true, true, 2, '2026-01-01Z', '2026-01-01Z');
         INSERT INTO deliveries VALUES ('{user}', 'verify_email:{name}', 'verify_email', '{user}', '{name}@example.org',
            '{name}***', 'fr', '{{\"link\": \"s3cr3t\"}}', 'failed', 1, '2026-01-01Z', '2026-01-01Z', 'why', '2026-01-01Z',
            '2026-01-01Z', '2026-01-01Z', 'request of {name}')"
    );
    app.db().conn().await.unwrap().batch_execute(&rows).await.unwrap();
}

#[tokio::test]
async fn every_column_is_sent_but_what_may_be_a_secret_and_nothing_of_others() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    whole(&app, ada.id, "ada").await;
    whole(&app, bob.id, "bob").await;
    let files = app.exports("notifications", ada.id).await;
    app.sends_every_column(&files, &PEOPLE, &[]).await;
    assert_eq!(files["deliveries"].as_array().unwrap().len(), 1);
    let text = format!("{files:?}");
    assert!(!text.contains("bob") && !text.contains("s3cr3t"), "{text}");
}

#[tokio::test]
async fn a_link_that_waits_to_be_mailed_is_no_part_of_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.deliver(&contact(ada.id)).await.unwrap();
    app.deliver(&Send { user_id: Some(ada.id), ..wish(&app, "verify_email", "verify_email:1") }).await.unwrap();
    let files = app.exports("notifications", ada.id).await;
    assert_eq!(files["deliveries"][0]["template"], "verify_email");
    assert!(!format!("{files:?}").contains("s3cr3t-t0ken"), "{files:?}");
}
