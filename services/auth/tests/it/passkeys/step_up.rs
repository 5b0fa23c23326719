//! POST /auth/step-up/passkey.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use testkit::{Actor, Answer};

use super::authenticator::{Device, Passkey};
use super::{answers, asked, equipped, last_noted, later, with_status};
use crate::support::{Deeds, SignedIn, TestApp, together};

const OPTIONS: &str = "/auth/step-up/passkey/options";
const PATH: &str = "/auth/step-up/passkey";

async fn proves(who: &Actor, device: &Device, passkey: &mut Passkey) -> Answer {
    let asked = asked(who, OPTIONS).await;
    answers(who, PATH, &asked, device.shows(passkey, &asked)).await
}

#[tokio::test]
async fn the_session_goes_on_as_if_it_had_been_opened_now() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    app.clock.advance(SignedDuration::from_mins(11));
    ada.actor.post("/auth/passkeys/options", json!({})).await.is(401, "step_up_required");
    let answer = proves(&ada.actor, &device, &mut passkey).await.has_status(200).json();
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("bearer"), &json!(1800)));
    let fresh = app.actor("ada", ada.id, answer["access_token"].as_str().unwrap());
    fresh.post("/auth/passkeys/options", json!({})).await.has_status(200);
    ada.actor.post("/auth/passkeys/options", json!({})).await.is(401, "step_up_required");
    assert_eq!(last_noted(&ada.actor).await.0, "stepped_up");
    let renewed = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(renewed.claims()["auth_time"], app.clock.now().as_second());
    assert_eq!(renewed.claims()["amr"], json!(["pwd", "mfa", "hwk", "user"]));
    assert_eq!(renewed.claims()["sid"], ada.claims()["sid"]);
}

#[tokio::test]
async fn what_will_not_do_is_refused_and_noted() {
    let app = TestApp::start().await;
    let (ada, honest, mut passkey) = equipped(&app, "ada").await;
    let (bob, _, mut of_bob) = equipped(&app, "bob").await;
    let lies = [
        (Device { origin: "http://127.0.0.1:8080", ..honest.clone() }, "other_origin"),
        (Device { site: "example.org", ..honest.clone() }, "other_site"),
        (Device { challenge: Some("3q2-7w".into()), ..honest.clone() }, "other_challenge"),
    ];
    for (device, why) in lies {
        later(&app);
        proves(&ada.actor, &device, &mut passkey).await.is(401, "passkey_refused");
        assert_eq!(last_noted(&ada.actor).await, ("passkey_refused".into(), why.into()));
    }
    later(&app);
    proves(&ada.actor, &honest, &mut of_bob).await.is(401, "passkey_refused");
    assert_eq!(last_noted(&ada.actor).await, ("passkey_refused".into(), "other_account".into()));
    let of_ada = asked(&ada.actor, OPTIONS).await;
    let shown = honest.shows(&mut passkey, &of_ada);
    answers(&bob.actor, PATH, &of_ada, shown.clone()).await.is(401, "passkey_refused");
    answers(&app.nobody(), PATH, &of_ada, shown.clone()).await.is(401, "unauthenticated");
    answers(&ada.actor, PATH, &of_ada, shown.clone()).await.has_status(200);
    answers(&ada.actor, PATH, &of_ada, shown).await.is(401, "passkey_refused");
}

#[tokio::test]
async fn of_twenty_with_one_ticket_one_is_answered() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let asked = asked(&ada.actor, OPTIONS).await;
    let all = (0..20).map(|_| answers(&ada.actor, PATH, &asked, device.shows(&mut passkey, &asked)).into_future());
    let all = together(all.collect::<Vec<_>>()).await;
    assert_eq!((with_status(&all, 200), with_status(&all, 401)), (1, 19));
}

#[tokio::test]
async fn a_session_that_is_over_does_not_go_on() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    let asked = asked(&ada.actor, OPTIONS).await;
    let shown = device.shows(&mut passkey, &asked);
    ada.actor.call(Method::POST, "/auth/logout").await.has_status(204);
    answers(&ada.actor, PATH, &asked, shown).await.is(401, "token_revoked");
}
