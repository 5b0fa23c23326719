//! POST /auth/identities/{provider}/confirm.

use auth::identities::claim::Showing;
use auth::identities::hold;
use auth::jobs::sweep;
use auth::sessions::Visitor;
use contracts::auth::IdentityLinked;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use testkit::Answer;

use crate::identities::{enters, owner, somebody, unproven};
use crate::providers::exchange::{CHALLENGE, VERIFIER};
use crate::support::{Deeds, SignedIn, TestApp, together};

/// The code by which somebody may have ada at Google attached.
async fn held_for(app: &TestApp, who: &SignedIn) -> String {
    hold(app.state(), &unproven("ada"), owner(who), CHALLENGE).await.unwrap().show()
}

async fn claims_by(who: &SignedIn, code: &str, verifier: &str) -> Answer {
    who.actor.post("/auth/identities/google/confirm", json!({ "code": code, "code_verifier": verifier })).await
}

async fn claims(who: &SignedIn, code: &str) -> Answer {
    claims_by(who, code, VERIFIER).await
}

#[tokio::test]
async fn what_is_no_code_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for code in ["", "x", "'; DROP TABLE users; --", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        claims(&ada, code).await.is(400, "code_invalid");
    }
    let without = json!({ "code": "x" });
    ada.actor.post("/auth/identities/google/confirm", without).await.has_status(422);
    let body = json!({ "code": "x", "code_verifier": VERIFIER });
    ada.actor.post("/auth/identities/nobody/confirm", body).await.is(404, "not_found");
}

/// Whoever has a code that somebody else set out for would attach his own identity to another's account, or another's to
/// his.
#[tokio::test]
async fn another_account_attaches_nothing_and_uses_the_code_up() {
    let app = TestApp::start().await;
    let (ada, mallory) = (app.signs_in("ada").await, app.signs_in("mallory").await);
    let code = held_for(&app, &ada).await;
    claims(&mallory, &code).await.is(400, "code_invalid");
    claims(&ada, &code).await.is(400, "code_invalid");
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 0);
}

#[tokio::test]
async fn another_verifier_or_provider_uses_the_code_up() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for wrong in ["", "short", CHALLENGE, &"A".repeat(43), &"A".repeat(129)] {
        let code = held_for(&app, &ada).await;
        claims_by(&ada, &code, wrong).await.is(400, "code_invalid");
        claims(&ada, &code).await.is(400, "code_invalid");
    }
    let code = held_for(&app, &ada).await;
    let body = json!({ "code": code, "code_verifier": VERIFIER });
    ada.actor.post("/auth/identities/acme/confirm", body).await.is(400, "code_invalid");
    claims(&ada, &code).await.is(400, "code_invalid");
    assert_eq!(app.told::<IdentityLinked>().await, 0);
}

#[tokio::test]
async fn an_owner_gets_the_identity_attached_once_and_is_told() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let code = held_for(&app, &ada).await;
    let answers = together((0..10).map(|_| claims(&ada, &code))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 9]].concat());
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap().json();
    assert_eq!((&winner["provider"], &winner["email"]), (&json!("google"), &json!("ada@example.org")));
    let told = app.emitted_of::<IdentityLinked>().await;
    assert_eq!((told.len(), told[0].user_id, told[0].sid), (1, ada.id, Some(owner(&ada).session)));
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "identity_linked");
    assert_eq!(enters(&app, &unproven("ada")).await, ada.id);
    app.kept_no_word_of(&[code]).await;
}

#[tokio::test]
async fn of_several_processes_one_attaches_it() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let code = held_for(&app, &ada).await;
    let (processes, visitor, owner) = (app.processes(4).await, Visitor::default(), owner(&ada));
    let showings: Vec<_> = processes
        .iter()
        .map(|state| Showing { state, owner, provider: "google", verifier: VERIFIER, visitor: &visitor })
        .collect();
    let answers = together(showings.iter().map(|showing| showing.claim(&code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_code_works_for_a_minute() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let (late, just) = (held_for(&app, &ada).await, held_for(&app, &ada).await);
    app.clock.advance(SignedDuration::from_secs(60));
    claims(&ada, &late).await.is(400, "code_invalid");
    app.clock.advance(SignedDuration::from_secs(-1));
    claims(&ada, &just).await.has_status(200);
}

#[tokio::test]
async fn a_code_is_forgotten_five_weeks_after_it_stopped_working() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    held_for(&app, &ada).await;
    let codes = "SELECT count(*) FROM identity_codes";
    app.clock.advance(SignedDuration::from_hours(35 * 24) + SignedDuration::from_secs(60));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(codes).await, 1);
    app.clock.advance(SignedDuration::from_secs(1));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count(codes).await, 0);
}

#[tokio::test]
async fn an_identity_of_another_account_stays_there() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let bobs = enters(&app, &somebody("bob")).await;
    let code = hold(app.state(), &somebody("bob"), owner(&ada), CHALLENGE).await.unwrap().show();
    claims(&ada, &code).await.is(409, "identity_taken");
    assert_eq!(enters(&app, &somebody("bob")).await, bobs);
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_holds_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let before = owner(&ada);
    ada.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    let refused = hold(app.state(), &unproven("ada"), before, CHALLENGE).await.err().unwrap();
    assert_eq!((refused.status(), refused.code().code), (401, "token_revoked"));
    assert_eq!(app.count("SELECT count(*) FROM identity_codes").await, 0);
}
