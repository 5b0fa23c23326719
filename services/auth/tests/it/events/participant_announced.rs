//! gdpr.participant.announced.v1.

use contracts::gdpr::ParticipantAnnounced;
use outbox::Halt;

use crate::erasures::{NAME, announce, asked, confirms, deletes, look};
use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn a_service_without_a_key_takes_no_part() {
    let app = TestApp::start().await;
    let taken = app.deliver(&ParticipantAnnounced { service: "rise".into() }).await;
    assert!(matches!(taken, Err(Halt::Park(_))), "{taken:?}");
    assert_eq!(app.count("SELECT count(*) FROM gdpr_participants").await, 0);
}

#[tokio::test]
async fn announced_again_it_is_one_participant_and_this_service_is_last_in_any_case() {
    let app = TestApp::start().await;
    for service in ["posts", "auth", "posts", "users"] {
        announce(&app, service).await;
    }
    let zelda = app.signs_in(NAME).await;
    deletes(&zelda).await;
    look(&app).await;
    assert_eq!(asked(&app).await, [["posts", "users"]]);
}

#[tokio::test]
async fn one_that_joins_later_is_asked_for_what_runs() {
    let app = TestApp::start().await;
    announce(&app, "posts").await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    announce(&app, "users").await;
    look(&app).await;
    assert_eq!(asked(&app).await, [["posts"], ["users"]]);
    confirms(&app, "posts", &erasure).await;
    assert_eq!(erasure.state(&app).await, "RUNNING");
    confirms(&app, "users", &erasure).await;
    assert_eq!(erasure.state(&app).await, "COMPLETED");
}
