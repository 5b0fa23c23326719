//! gdpr.erasure.requested.v1.

use contracts::gdpr::{ErasureConfirmed, ErasureRequested};
use contracts::{ErasureId, Event};
use outbox::Taken;

use crate::support::{TestApp, new_entry, written_by};

#[tokio::test]
async fn all_that_somebody_wrote_is_erased_once_and_he_writes_no_more() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    for owner in [&ada, &ada, &bob] {
        written_by(owner).await;
    }
    let asked = ErasureRequested {
        erasure_id: ErasureId::at(app.clock.now()),
        user_id: ada.id,
        participants: vec!["skeleton-name".into()],
        ..ErasureRequested::sample()
    };
    for _ in 0..2 {
        assert_eq!(app.deliver(&asked).await, Ok(Taken::Now));
    }
    let receipts = app.emitted_of::<ErasureConfirmed>().await;
    assert_eq!((receipts.len(), &receipts[0], receipts[0].counts["entries"]), (2, &receipts[1], 2));
    ada.post("/skeleton-name/entries", new_entry("Encore")).await.is(401, "token_revoked");
    assert_eq!(testkit::found_in(app.db(), &[&ada.id.to_string()]).await, ["erased_subjects.user_id"]);
}
