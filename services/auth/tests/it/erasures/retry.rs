//! POST /auth/erasures/{id}/retry.

use contracts::gdpr::ErasureCompleted;

use super::{NAME, OTHERS, after, asked, confirms, deletes, look, with_services};
use crate::support::Deeds;

#[tokio::test]
async fn what_has_not_begun_is_not_asked_again_and_of_what_is_complete_everybody_is() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    let grace = app.administers("grace").await;
    let path = format!("/auth/erasures/{}/retry", erasure.id);
    let retry = || grace.actor.call(reqwest::Method::POST, &path);
    retry().await.is(409, "erasure_not_running");
    look(&app).await;
    for service in OTHERS {
        confirms(&app, service, &erasure).await;
    }
    assert_eq!(asked(&app).await, Vec::<Vec<String>>::new(), "nothing told of her is left");
    let answer = retry().await;
    answer.has_status(202);
    assert_eq!(answer.json()["state"], "COMPLETED");
    assert_eq!(asked(&app).await, [OTHERS]);
    // From a database that was restored: it changes nothing here.
    confirms(&app, "posts", &erasure).await;
    look(&app).await;
    assert_eq!((erasure.state(&app).await.as_str(), app.told::<ErasureCompleted>().await), ("COMPLETED", 1));
    let unknown = format!("/auth/erasures/{}/retry", contracts::ErasureId::at(app.clock.now()));
    grace.actor.call(reqwest::Method::POST, &unknown).await.is(404, "not_found");
}

#[tokio::test]
async fn those_who_did_not_answer_are_asked_as_if_for_the_first_time() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    confirms(&app, "posts", &erasure).await;
    after(&app, 24 * 60).await;
    assert_eq!(erasure.state(&app).await, "STALLED");
    let before = asked(&app).await.len();
    let grace = app.administers("grace").await;
    let path = format!("/auth/erasures/{}/retry", erasure.id);
    let answer = grace.actor.call(reqwest::Method::POST, &path).await;
    answer.has_status(202);
    assert_eq!(answer.json()["state"], "RUNNING");
    assert_eq!(asked(&app).await[before..], [["notifications", "users"].map(String::from)]);
    after(&app, 15).await;
    assert_eq!(asked(&app).await.len(), before + 2, "and again after a quarter of an hour");
    for service in ["notifications", "users"] {
        confirms(&app, service, &erasure).await;
    }
    assert_eq!(erasure.state(&app).await, "COMPLETED");
}
