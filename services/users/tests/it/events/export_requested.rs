//! gdpr.export.requested.v1.

use contracts::export::{ExportPartReady, ExportRequested};
use contracts::{Event, ExportId, UserId};
use diesel_async::SimpleAsyncConnection;
use outbox::Taken;
use testkit::Sent;

use crate::support::TestApp;

const PEOPLE: [Sent; 1] = [Sent { file: "profile", table: "user_profiles", withheld: &[] }];

/// Somebody of whom everything is known.
async fn whole(app: &TestApp, user: UserId, name: &str) {
    let row = format!(
        "INSERT INTO user_profiles VALUES ('{user}', '{name}', '2026-01-01Z', '{name} Lovelace', 'Words of {name}.',
            'https://example.org/{name}.png', '{user}', '{{\"language\": \"fr\", \"of\": \"{name}\"}}', '2026-01-01Z', 3,
            '2026-01-01Z', 4, '2026-01-01Z', '2026-01-01Z')"
    );
    app.db().conn().await.unwrap().batch_execute(&row).await.unwrap();
}

#[tokio::test]
async fn who_is_not_asked_sends_nothing() {
    let (app, ada, _) = TestApp::with_two_users().await;
    whole(&app, ada.id, "ada").await;
    let mark = app.mark().await;
    let others = ExportRequested { user_id: ada.id, participants: vec!["posts".into()], ..ExportRequested::sample() };
    assert_eq!(app.deliver(&others).await, Ok(Taken::Now));
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn every_column_of_the_profile_is_sent_and_nothing_of_others() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    whole(&app, ada.id, "ada").await;
    whole(&app, bob.id, "bob").await;
    let files = app.exports("users", ada.id).await;
    app.sends_every_column(&files, &PEOPLE, &[]).await;
    assert_eq!(files["profile"]["bio"], "Words of ada.");
    assert_eq!(files["profile"]["preferences"]["of"], "ada");
    assert!(!format!("{files:?}").contains("bob"), "{files:?}");
}

#[tokio::test]
async fn asked_once_it_sends_once_and_asked_again_it_says_so() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let export_id = ExportId::at(app.clock.now());
    let asked = |asked| ExportRequested { export_id, user_id: ada.id, asked, participants: vec!["users".into()] };
    let first = app.envelope(&asked(1));
    assert_eq!(app.deliver_envelope(&first).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&first).await, Ok(Taken::Before));
    assert_eq!(app.deliver(&asked(2)).await, Ok(Taken::Now));
    let sent = app.emitted_of::<ExportPartReady>().await;
    assert_eq!(
        sent.iter().map(|part| (part.asked, part.number, part.last)).collect::<Vec<_>>(),
        [(1, 0, true), (2, 0, true)]
    );
    assert_eq!(sent[0].content, "null\n", "nothing is known of her");
}
