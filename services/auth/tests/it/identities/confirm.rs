//! POST /auth/link-identity.

use contracts::auth::{IdentityLinked, SessionRevoked};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use crate::identities::{enters, is_asked, somebody, unproven};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, together};

async fn confirms(app: &TestApp, token: &str, browser: &str) -> Answer {
    let cookie = format!("__Host-oauth-link={browser}");
    app.nobody().post("/auth/link-identity", json!({ "token": token })).header("cookie", &cookie).await
}

#[tokio::test]
async fn what_is_no_secret_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    for token in ["", "x", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        confirms(&app, token, "x").await.is(400, "token_invalid");
    }
}

#[tokio::test]
async fn a_link_for_another_purpose_is_none() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let browser = is_asked(&app, &unproven("ada")).await;
    app.forgets("ada").await.has_status(202);
    let reset = app.secrets("reset_password", "ada").await.pop().unwrap();
    confirms(&app, &reset, &browser).await.is(400, "token_invalid");
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    app.resets(&token, NEW_PASSWORD).await.is(400, "token_invalid");
    app.confirms(&token).await.is(400, "token_invalid");
}

#[tokio::test]
async fn the_link_opens_the_account_to_the_identity_once() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let browser = is_asked(&app, &unproven("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    let answers = together((0..20).map(|_| confirms(&app, &token, &browser))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 19]].concat());
    assert_eq!(app.told::<IdentityLinked>().await, 1);
    assert_eq!(enters(&app, &unproven("ada")).await, ada.id);
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "identity_linked");
    app.refreshes(&ada.refresh).await.has_status(200);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    app.kept_no_word_of(&[token, browser]).await;
}

#[tokio::test]
async fn who_is_talked_into_opening_it_elsewhere_attaches_nothing() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let attackers = is_asked(&app, &unproven("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    confirms(&app, &token, "").await.is(403, "other_browser");
    confirms(&app, &token, &"A".repeat(43)).await.is(403, "other_browser");
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 0);
    confirms(&app, &token, &attackers).await.has_status(200);
}

#[tokio::test]
async fn a_link_works_for_an_hour_and_the_newest_alone() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let first = is_asked(&app, &unproven("ada")).await;
    let second = is_asked(&app, &unproven("ada")).await;
    let [old, new] = app.secrets("link_identity", "ada").await.try_into().unwrap();
    confirms(&app, &old, &first).await.is(400, "token_invalid");
    app.clock.advance(SignedDuration::from_hours(1));
    confirms(&app, &new, &second).await.is(410, "token_expired");
    app.clock.advance(SignedDuration::from_secs(-1));
    confirms(&app, &new, &second).await.has_status(200);
}

#[tokio::test]
async fn another_password_or_address_makes_it_void() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let browser = is_asked(&app, &unproven("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    confirms(&app, &token, &browser).await.is(400, "token_invalid");
}

#[tokio::test]
async fn whoever_registered_an_address_that_was_not_his_keeps_no_way_in() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await.has_status(201);
    let eve = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let browser = is_asked(&app, &somebody("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    confirms(&app, &token, &browser).await.has_status(200);
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
    app.refreshes(&eve.refresh).await.is(401, "refresh_invalid");
    eve.actor.get("/auth/me").await.is(401, "token_revoked");
    assert_eq!(app.told::<SessionRevoked>().await, 1);
    assert_eq!(enters(&app, &somebody("ada")).await, eve.id);
    assert_eq!(app.count("SELECT count(*) FROM users WHERE is_verified").await, 1);
}

#[tokio::test]
async fn an_identity_that_opens_another_account_by_now_stays_there() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let browser = is_asked(&app, &unproven("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    let elsewhere = auth::identities::Arrival { email: Some("eve@example.org".into()), ..somebody("ada") };
    enters(&app, &elsewhere).await;
    confirms(&app, &token, &browser).await.is(409, "identity_taken");
}

#[tokio::test]
async fn a_person_confirms_it_with_the_pages_button() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let browser = is_asked(&app, &unproven("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    let call = |cookie: &str| {
        let call = app.nobody().call(reqwest::Method::POST, "/auth/link-identity").header("cookie", cookie);
        call.form(&[("token", &token)])
    };
    let elsewhere = call("").await;
    elsewhere.has_status(403);
    assert!(elsewhere.text().contains("Another browser"), "{elsewhere:?}");
    let page = call(&format!("__Host-oauth-link={browser}")).await;
    page.has_status(200);
    assert!(page.text().contains("Sign-in linked"), "{page:?}");
}
