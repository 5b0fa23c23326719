//! gdpr.export.requested.v1.

use testkit::Sent;

use crate::support::{TestApp, written_by};

const PEOPLE: [Sent; 1] = [Sent { file: "entries", table: "entries", withheld: &[] }];

#[tokio::test]
async fn all_that_somebody_wrote_is_sent_and_nothing_of_others() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    for owner in [&ada, &ada, &bob] {
        written_by(owner).await;
    }
    let files = app.exports("skeleton-name", ada.id).await;
    app.sends_every_column(&files, &PEOPLE, &[]).await;
    assert_eq!(files["entries"].as_array().unwrap().len(), 2);
    assert!(!format!("{files:?}").contains(&bob.id.to_string()), "{files:?}");
}
