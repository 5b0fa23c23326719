//! Forgetting mails that ended long ago.

use jiff::SignedDuration;
use notifications::jobs::prune;

use crate::support::{deliveries, send_due, wish, with_folder};

#[tokio::test]
async fn mails_that_ended_long_ago_are_forgotten_and_no_others() {
    let (app, _folder) = with_folder().await;
    app.deliver(&wish(&app, "verify_email", "old")).await.unwrap();
    send_due(&app).await;
    app.clock.advance(prune::KEPT);
    app.deliver(&wish(&app, "verify_email", "new")).await.unwrap();
    send_due(&app).await;
    let state = app.state().clone();
    assert_eq!(prune::round(&state).await.unwrap(), 0, "not yet");
    app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(prune::round(&state).await.unwrap(), 1);
    assert_eq!(deliveries(&app).await[0].dedup_key, "new");
}
