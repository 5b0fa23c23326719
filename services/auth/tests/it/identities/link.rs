//! POST /auth/identities/{provider}.

use auth::identities::attach;
use auth::sessions::Visitor;
use contracts::auth::IdentityLinked;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use crate::identities::{enters, owner, somebody, unproven};
use crate::providers::Gone;
use crate::providers::exchange::CHALLENGE;
use crate::stand_in::StandIn;
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

/// What is wished by an application that keeps a secret, and where its journey begins.
async fn begins(who: &SignedIn) -> String {
    let wish = json!({ "redirect_uri": "https://app.example.org/signed-in", "code_challenge": CHALLENGE });
    let answer = who.actor.post("/auth/identities/acme", wish).await;
    answer.has_status(200);
    assert_eq!(answer.header("set-cookie"), None, "another site's page would not keep it");
    let address = answer.json()["authorization_url"].as_str().unwrap().to_owned();
    let ours = "http://127.0.0.1:8080/api/v1";
    let path = address.strip_prefix(ours).unwrap().to_owned();
    assert!(path.starts_with("/auth/oauth/acme?ticket="), "{path}");
    path
}

#[tokio::test]
async fn an_owner_who_proves_it_is_sent_to_the_provider() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let ada = app.signs_in("ada").await;
    let goes = async |body| ada.actor.post("/auth/identities/acme", body).await;
    let gone = Gone::by(&goes(json!({})).await);
    assert!(gone.cookie.starts_with("__Host-oauth-state="));
    assert!(gone.url.as_str().starts_with(&format!("{}/auth?", provider.url)));
    app.clock.advance(SignedDuration::from_mins(10));
    goes(json!({})).await.is(401, "step_up_required");
    goes(json!({ "password": "not her password" })).await.is(401, "invalid_credentials");
    Gone::by(&goes(json!({ "password": PASSWORD })).await);
    goes(json!({ "password": PASSWORD, "redirect_uri": "https://evil.example" })).await.is(400, "redirect_not_allowed");
    ada.actor.call(Method::POST, "/auth/identities/nobody").await.is(404, "not_found");
}

#[tokio::test]
async fn an_owner_gets_any_identity_attached_and_is_told() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let hers = auth::identities::Arrival { email: Some("ada@gmail.example".into()), ..unproven("ada") };
    for _ in 0..2 {
        let view = attach(app.state(), &hers, owner(&ada), &Visitor::default()).await.unwrap();
        assert_eq!((view.provider.as_str(), view.email.as_deref()), ("google", Some("ada@gmail.example")));
    }
    let told = app.emitted_of::<IdentityLinked>().await;
    assert_eq!((told.len(), told[0].user_id, told[0].sid), (1, ada.id, Some(owner(&ada).session)));
    assert_eq!(app.mails("ada").await.pop().unwrap().template, "identity_linked");
    assert_eq!(enters(&app, &hers).await, ada.id);
}

#[tokio::test]
async fn an_identity_of_another_account_stays_there() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let bobs = enters(&app, &somebody("bob")).await;
    let refused = attach(app.state(), &somebody("bob"), owner(&ada), &Visitor::default()).await.err().unwrap();
    assert_eq!((refused.status(), refused.code().code), (409, "identity_taken"));
    assert_eq!(enters(&app, &somebody("bob")).await, bobs);
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_attaches_nothing() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let before = owner(&ada);
    ada.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    let refused = attach(app.state(), &somebody("ada"), before, &Visitor::default()).await.err().unwrap();
    assert_eq!((refused.status(), refused.code().code), (401, "token_revoked"));
    assert_eq!(app.told::<IdentityLinked>().await, 0);
}

#[tokio::test]
async fn the_browser_itself_goes_where_the_journey_begins_once() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let ada = app.signs_in("ada").await;
    let path = begins(&ada).await;
    let went = together((0..10).map(|_| app.nobody().get(&path).header("accept", "text/html"))).await;
    let sent: Vec<_> = went.iter().filter(|answer| answer.status == 302).collect();
    let late = went.iter().filter(|answer| answer.code().as_deref() == Some("state_invalid")).count();
    assert_eq!((sent.len(), late), (1, 9));
    assert!(sent[0].header("location").unwrap().starts_with(&format!("{}/auth?", provider.url)));
    assert!(sent[0].header("set-cookie").unwrap().starts_with("__Host-oauth-state="));
}

#[tokio::test]
async fn a_ticket_is_for_one_provider_and_a_minute_and_nothing_else_is_one() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let ada = app.signs_in("ada").await;
    let path = begins(&ada).await;
    let ticket = path.split("ticket=").nth(1).unwrap();
    app.nobody().get(&format!("/auth/google?ticket={ticket}")).await.is(400, "state_invalid");
    let journey = crate::providers::goes(&app, "").await.cookie.split_once('=').unwrap().1.to_owned();
    for other in [journey.as_str(), ada.access.as_str(), "", "x", "e30.e30.AA"] {
        app.nobody().get(&format!("/auth/oauth/acme?ticket={other}")).await.is(400, "state_invalid");
    }
    app.clock.advance(SignedDuration::from_secs(60));
    app.nobody().get(&path).await.is(400, "state_invalid");
    app.clock.advance(SignedDuration::from_secs(-1));
    Gone::by(&app.nobody().get(&path).await);
}

#[tokio::test]
async fn an_application_gives_its_address_with_its_challenge() {
    let provider = StandIn::new();
    let app = TestApp::with(&provider.variables()).await;
    let ada = app.signs_in("ada").await;
    let uri = "https://app.example.org/signed-in";
    for (wish, code) in [
        (json!({ "code_challenge": CHALLENGE }), "pkce_required"),
        (json!({ "redirect_uri": uri, "code_challenge": "short" }), "pkce_required"),
        (json!({ "redirect_uri": uri, "code_challenge_method": "S256" }), "pkce_required"),
        (json!({ "redirect_uri": "https://evil.example", "code_challenge": CHALLENGE }), "redirect_not_allowed"),
    ] {
        ada.actor.post("/auth/identities/acme", wish).await.is(400, code);
    }
}
