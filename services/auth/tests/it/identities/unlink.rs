//! DELETE /auth/identities/{id}.

use contracts::auth::IdentityUnlinked;
use contracts::{IdentityId, UserId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use testkit::Answer;

use crate::identities::has_identity;
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

async fn unlinks(who: &SignedIn, id: IdentityId) -> Answer {
    who.actor.call(Method::DELETE, &format!("/auth/identities/{id}")).await
}

async fn loses_password(app: &TestApp, user: UserId) {
    app.execute(&format!("UPDATE users SET password_hash = NULL WHERE id = '{user}'")).await;
}

#[tokio::test]
async fn a_stranger_takes_nothing_off() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let id = has_identity(&app, &ada, "ada").await;
    unlinks(&bob, id).await.is(404, "not_found");
    unlinks(&bob, IdentityId::at(app.clock.now())).await.is(404, "not_found");
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 1);
}

#[tokio::test]
async fn a_login_of_long_ago_needs_the_password() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let id = has_identity(&app, &ada, "ada").await;
    app.clock.advance(SignedDuration::from_mins(10));
    unlinks(&ada, id).await.is(401, "step_up_required");
    let by = async |password: &str| {
        let call = ada.actor.call(Method::DELETE, &format!("/auth/identities/{id}"));
        call.json(json!({ "password": password })).await
    };
    by("not her password").await.is(401, "invalid_credentials");
    by(PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn it_is_gone_told_noted_and_mailed_and_the_session_goes_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let id = has_identity(&app, &ada, "ada").await;
    unlinks(&ada, id).await.has_status(204);
    unlinks(&ada, id).await.is(404, "not_found");
    let told = app.emitted_of::<IdentityUnlinked>().await;
    assert_eq!(
        (told.len(), told[0].user_id, told[0].identity_id, told[0].provider.as_str()),
        (1, ada.id, id, "google")
    );
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.params["provider"].as_str()), ("identity_unlinked", "Google"));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'identity_unlinked'").await, 1);
    app.refreshes(&ada.refresh).await.has_status(200);
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let id = has_identity(&app, &ada, "ada").await;
    loses_password(&app, ada.id).await;
    unlinks(&ada, id).await.is(409, "last_credential");
    let other = has_identity(&app, &ada, "ada again").await;
    unlinks(&ada, id).await.has_status(204);
    unlinks(&ada, other).await.is(409, "last_credential");
}

#[tokio::test]
async fn one_of_a_provider_that_is_gone_opens_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let id = has_identity(&app, &ada, "ada").await;
    let gone = has_identity(&app, &ada, "ada elsewhere").await;
    app.execute(&format!("UPDATE identities SET issuer = 'https://id.gone.example' WHERE id = '{gone}'")).await;
    loses_password(&app, ada.id).await;
    unlinks(&ada, id).await.is(409, "last_credential");
    unlinks(&ada, gone).await.has_status(204);
}

#[tokio::test]
async fn of_two_that_go_at_once_one_stays() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let ids = [has_identity(&app, &ada, "one").await, {
        app.clock.advance(SignedDuration::from_secs(1));
        has_identity(&app, &ada, "two").await
    }];
    loses_password(&app, ada.id).await;
    let mut statuses: Vec<u16> =
        together(ids.map(|id| unlinks(&ada, id))).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
}
