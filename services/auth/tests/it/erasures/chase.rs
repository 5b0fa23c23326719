//! Who does not answer.

use contracts::gdpr::{ErasureCompleted, ErasureStalled};

use super::{NAME, OTHERS, after, asked, confirms, deletes, look, with_services};
use crate::support::Deeds;

#[tokio::test]
async fn those_who_do_not_answer_are_asked_again_and_then_told_of() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    after(&app, 14).await;
    assert_eq!(asked(&app).await.len(), 1);
    after(&app, 1).await;
    confirms(&app, "posts", &erasure).await;
    after(&app, 44).await;
    assert_eq!(asked(&app).await.len(), 2);
    after(&app, 1).await;
    after(&app, 5 * 60).await;
    for _ in 0..3 {
        look(&app).await;
    }
    let missing: Vec<String> = ["notifications", "users"].map(String::from).into();
    assert_eq!(
        asked(&app).await,
        [OTHERS.map(String::from).into(), OTHERS.map(String::from).into(), missing.clone(), missing.clone()]
    );
    assert_eq!(erasure.state(&app).await, "RUNNING");
    after(&app, 18 * 60 - 1).await;
    assert_eq!(app.told::<ErasureStalled>().await, 0);
    after(&app, 1).await;
    look(&app).await;
    let told = app.emitted_of::<ErasureStalled>().await;
    assert_eq!((told.len(), &told[0].missing), (1, &missing), "once");
    assert_eq!(erasure.state(&app).await, "STALLED");
}

#[tokio::test]
async fn nothing_is_ever_completed_without_a_receipt() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    for service in ["posts", "users"] {
        confirms(&app, service, &erasure).await;
    }
    after(&app, 24 * 60).await;
    after(&app, 24 * 24 * 60).await;
    look(&app).await;
    let told = app.emitted_of::<ErasureStalled>().await;
    assert_eq!(told.len(), 2, "after a day, and once more on day 25");
    assert!(told.iter().all(|one| one.missing == ["notifications"]));
    after(&app, 300 * 24 * 60).await;
    assert_eq!((erasure.state(&app).await.as_str(), app.told::<ErasureCompleted>().await), ("STALLED", 0));
    confirms(&app, "notifications", &erasure).await;
    assert_eq!(erasure.state(&app).await, "COMPLETED", "a late receipt is one");
}

#[tokio::test]
async fn a_clock_that_goes_back_begins_nothing_early_and_keeps_nobody_from_being_asked() {
    let app = with_services(&[("AUTH_ERASURE_GRACE", "1d")]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    after(&app, -60).await;
    assert_eq!(erasure.state(&app).await, "REQUESTED");
    after(&app, 25 * 60).await;
    assert_eq!(erasure.state(&app).await, "RUNNING");
    after(&app, -48 * 60).await;
    assert_eq!(asked(&app).await.len(), 2);
}
