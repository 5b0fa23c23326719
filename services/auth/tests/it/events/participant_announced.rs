//! gdpr.participant.announced.v1.

use auth::erasures::course;
use contracts::gdpr::ParticipantAnnounced;
use db::Tx;
use outbox::Halt;
use tokio::sync::oneshot;

use crate::erasures::{NAME, announce, asked, confirms, deletes, look, receipt};
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

/// Users announces itself while `work` is done and not committed: it has to wait for that.
async fn joins_meanwhile(app: &TestApp, work: impl AsyncFnOnce(&mut Tx) -> db::Result<()>) {
    let ((done, is_done), (go_on, goes_on)) = (oneshot::channel(), oneshot::channel());
    let works = app.db().tx(async |tx: &mut Tx| -> db::Result<()> {
        work(tx).await?;
        done.send(()).unwrap();
        goes_on.await.unwrap();
        Ok(())
    });
    let joins = async {
        is_done.await.unwrap();
        let waits = async {
            testkit::until_waiting(app.db(), 1).await;
            go_on.send(()).unwrap();
        };
        tokio::join!(announce(app, "users"), waits)
    };
    tokio::join!(works, joins).0.unwrap();
}

#[tokio::test]
async fn one_that_joins_while_an_erasure_begins_is_asked_as_well() {
    let app = TestApp::start().await;
    announce(&app, "posts").await;
    let zelda = app.signs_in(NAME).await;
    let id = deletes(&zelda).await.id;
    joins_meanwhile(&app, async |tx: &mut Tx| course::begin(tx, app.state(), id).await).await;
    look(&app).await;
    assert_eq!(asked(&app).await, [["posts"], ["users"]]);
}

#[tokio::test]
async fn one_that_joins_while_an_erasure_ends_is_not_waited_for() {
    let app = TestApp::start().await;
    announce(&app, "posts").await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    let last = receipt("posts", erasure.id);
    joins_meanwhile(&app, async |tx: &mut Tx| course::confirmed(tx, app.state(), &last).await).await;
    assert_eq!(erasure.state(&app).await, "COMPLETED");
    assert_eq!(app.count("SELECT count(*) FROM erasure_steps WHERE service = 'users'").await, 0);
}
