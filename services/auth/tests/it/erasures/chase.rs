//! Who does not answer.

use contracts::gdpr::{ErasureCompleted, ErasureStalled};
use diesel_async::SimpleAsyncConnection;
use jiff::SignedDuration;

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

#[tokio::test]
async fn one_that_fails_or_is_locked_keeps_no_other_from_being_looked_after() {
    let app = with_services(&[]).await;
    let mut erasures = Vec::new();
    for name in ["ann", "ben", "cat"] {
        erasures.push(deletes(&app.signs_in(name).await).await);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    // An address that no account may have.
    app.execute(&format!("UPDATE erasures SET pseudonym = 'x' WHERE id = '{}'", erasures[0].id)).await;
    look(&app).await;
    let mut states = Vec::new();
    for erasure in &erasures {
        states.push(erasure.state(&app).await);
    }
    assert_eq!(states, ["REQUESTED", "RUNNING", "RUNNING"]);
    assert_eq!(asked(&app).await.len(), 2);
    let mut holder = app.db().conn().await.unwrap();
    let hold = format!("BEGIN; SELECT FROM erasures WHERE id = '{}' FOR UPDATE", erasures[1].id);
    holder.batch_execute(&hold).await.unwrap();
    after(&app, 15).await;
    assert_eq!(asked(&app).await.len(), 3, "the last one was asked again");
    holder.batch_execute("ROLLBACK").await.unwrap();
    look(&app).await;
    assert_eq!(asked(&app).await.len(), 4);
}

#[tokio::test]
async fn without_the_secret_that_sealed_the_address_it_ends_without_a_last_mail() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    app.execute("UPDATE erasures SET sealed_address = 'sealed by another secret'").await;
    for service in OTHERS {
        confirms(&app, service, &erasure).await;
    }
    assert_eq!(erasure.state(&app).await, "COMPLETED");
    assert!(app.mails(NAME).await.iter().all(|mail| mail.template != "erasure_completed"));
}

#[tokio::test]
async fn a_service_that_left_is_waited_for_no_more() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    for service in ["posts", "users"] {
        confirms(&app, service, &erasure).await;
    }
    look(&app).await;
    assert_eq!(erasure.state(&app).await, "RUNNING");
    // What src/erasures/README.md tells operators.
    app.execute(
        "DELETE FROM gdpr_participants WHERE service = 'notifications';
         DELETE FROM erasure_steps WHERE service = 'notifications' AND state = 'ASKED'",
    )
    .await;
    look(&app).await;
    assert_eq!(erasure.state(&app).await, "COMPLETED");
}
