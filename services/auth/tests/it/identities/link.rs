//! POST /auth/identities/{provider}.

use auth::identities::attach;
use auth::providers::journey::Owner;
use auth::sessions::Visitor;
use contracts::auth::IdentityLinked;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use crate::identities::{enters, somebody, unproven};
use crate::providers::Gone;
use crate::stand_in::StandIn;
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

fn owner(who: &SignedIn) -> Owner {
    Owner { user: who.id, session: who.claims()["sid"].as_str().unwrap().parse().unwrap() }
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
