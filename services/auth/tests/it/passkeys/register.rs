//! POST /auth/passkeys.

use auth::jobs::sweep;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD as BASE64};
use contracts::auth::MfaEnabled;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::authenticator::Device;
use super::{added_by, answers, asked, enters, equipped, last_noted, later, passkey_of, with_status};
use crate::factors::turns_on;
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

const OPTIONS: &str = "/auth/passkeys/options";
const PATH: &str = "/auth/passkeys";

/// As many as are missing to twenty.
const NINETEEN_MORE: &str = "INSERT INTO passkeys (id, user_id, credential_id, credential, name, backed_up, created_at)
    SELECT gen_random_uuid(), users.id, decode(md5(n::text), 'hex'), '{}'::jsonb, 'Portable', false, users.created_at
    FROM users, generate_series(1, 19) AS n";

#[tokio::test]
async fn one_that_is_not_made_as_it_was_asked_for_is_refused_and_noted() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let honest = Device::honest();
    let lies = [
        (Device { origin: "http://127.0.0.1:8080", ..honest.clone() }, "other_origin"),
        (Device { origin: "http://localhost:8081", ..honest.clone() }, "other_origin"),
        (Device { origin: "http://evil.localhost:8080", ..honest.clone() }, "other_origin"),
        (Device { framed: true, ..honest.clone() }, "other_origin"),
        (Device { site: "example.org", ..honest.clone() }, "other_site"),
        (Device { knows_its_owner: false, ..honest.clone() }, "user_not_verified"),
        (Device { challenge: Some("3q2-7w".into()), ..honest.clone() }, "other_challenge"),
    ];
    for (device, why) in lies {
        later(&app);
        let asked = asked(&ada.actor, OPTIONS).await;
        let (_, credential) = device.makes(&asked);
        answers(&ada.actor, PATH, &asked, credential).await.is(401, "passkey_refused");
        assert_eq!(last_noted(&ada.actor).await, ("passkey_refused".into(), why.into()));
    }
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 0);
    assert_eq!(app.told::<MfaEnabled>().await, 0);
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn a_ticket_is_good_once_for_this_account_and_for_five_minutes() {
    let app = TestApp::start().await;
    let (ada, bob, device) = (app.signs_in("ada").await, app.signs_in("bob").await, Device::honest());
    let tries = async |who: &SignedIn, asked: &Value| {
        later(&app);
        let (_, credential) = device.makes(asked);
        answers(&who.actor, PATH, asked, credential).await
    };
    let (first, second) = (asked(&ada.actor, OPTIONS).await, asked(&ada.actor, OPTIONS).await);
    tries(&bob, &first).await.is(401, "passkey_refused");
    assert_eq!(last_noted(&bob.actor).await, ("passkey_refused".into(), "ticket_invalid".into()));
    tries(&ada, &first).await.has_status(201);
    tries(&ada, &first).await.is(401, "passkey_refused");
    app.clock.advance(SignedDuration::from_secs(296));
    tries(&ada, &second).await.is(401, "passkey_refused");
    let mut of_login = asked(&app.nobody(), "/auth/passkeys/login/options").await;
    of_login["publicKey"]["user"] = second["publicKey"]["user"].clone();
    tries(&ada, &of_login).await.is(401, "passkey_refused");
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 1);
}

/// Somebody else has a token of the session in which its owner turned on an app since.
#[tokio::test]
async fn a_ticket_of_before_the_second_factor_is_worth_nothing_after_it() {
    let app = TestApp::start().await;
    let (ada, device) = (app.signs_in("ada").await, Device::honest());
    let thief = app.actor("eve", ada.id, ada.access.clone());
    let before = asked(&thief, OPTIONS).await;
    let ada = turns_on(&app, ada).await.signed_in;
    let refused = answers(&thief, PATH, &before, device.makes(&before).1).await;
    refused.is(401, "step_up_required");
    assert_eq!(refused.json()["methods"], json!(["totp", "recovery_code"]));
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 0);
    let after = asked(&ada.actor, OPTIONS).await;
    answers(&thief, PATH, &after, device.makes(&after).1).await.is(401, "step_up_required");
    passkey_of(&ada.actor, &device).await;
}

#[tokio::test]
async fn of_twenty_with_one_ticket_one_gets_in() {
    let app = TestApp::start().await;
    let (ada, device) = (app.signs_in("ada").await, Device::honest());
    let asked = asked(&ada.actor, OPTIONS).await;
    let all = together((0..20).map(|_| answers(&ada.actor, PATH, &asked, device.makes(&asked).1).into_future())).await;
    assert_eq!((with_status(&all, 201), with_status(&all, 401)), (1, 19));
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 1);
}

#[tokio::test]
async fn what_is_somebodys_already_is_nobody_elses() {
    let app = TestApp::start().await;
    let (ada, device, passkey) = equipped(&app, "ada").await;
    let bob = app.signs_in("bob").await;
    for (who, why) in [(&bob, "known_already"), (&ada, "unfit")] {
        later(&app);
        let asked = asked(&who.actor, OPTIONS).await;
        let (_, credential) = device.makes_as(&asked, passkey.id.clone());
        answers(&who.actor, PATH, &asked, credential).await.is(401, "passkey_refused");
        assert_eq!(last_noted(&who.actor).await, ("passkey_refused".into(), why.into()));
    }
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 1);
}

#[tokio::test]
async fn an_account_has_twenty_and_no_more() {
    let app = TestApp::start().await;
    let (ada, device, _) = equipped(&app, "ada").await;
    let asked = asked(&ada.actor, OPTIONS).await;
    app.execute(NINETEEN_MORE).await;
    let (_, credential) = device.makes(&asked);
    answers(&ada.actor, PATH, &asked, credential).await.is(409, "too_many_passkeys");
    ada.actor.post(OPTIONS, json!({})).await.is(409, "too_many_passkeys");
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 20);
}

#[tokio::test]
async fn it_is_called_what_its_owner_says_or_else_after_the_browser() {
    let app = TestApp::start().await;
    let (ada, device, _) = equipped(&app, "ada").await;
    let long = "x".repeat(101);
    let question = asked(&ada.actor, OPTIONS).await;
    let (_, credential) = device.makes(&question);
    let named = |name: &str| {
        let body = json!({ "ticket": question["ticket"], "name": name, "credential": credential });
        ada.actor.post(PATH, body)
    };
    for name in [long.as_str(), "\u{202e}eman", "  "] {
        named(name).await.is(422, "invalid");
    }
    let made = named(" Clé bleue ").await;
    let id = made.has_status(201).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(format!("/api/v1/auth/passkeys/{id}").as_str()));
    let mut json = made.json();
    json["id"] = Value::Null;
    insta::assert_json_snapshot!(json, @r#"
    {
      "backed_up": false,
      "created_at": "2026-01-13T09:30:00Z",
      "id": null,
      "last_used_at": null,
      "name": "Clé bleue"
    }
    "#);
    let synced = Device { synced: true, ..device };
    let question = asked(&ada.actor, OPTIONS).await;
    let call = answers(&ada.actor, PATH, &question, synced.makes(&question).1).header("user-agent", "curl/8.14.1");
    let made = call.await.has_status(201).json();
    assert_eq!((&made["name"], &made["backed_up"]), (&json!("curl"), &json!(true)));
}

#[tokio::test]
async fn with_the_first_one_the_password_alone_opens_nothing_and_the_other_sessions_end() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let (mut passkey, answer) = added_by(&ada.actor, &Device::honest()).await;
    assert_eq!(answer["session"]["expires_in"], 1800);
    other.actor.get("/auth/me").await.is(401, "token_revoked");
    app.refreshes(&other.refresh).await.is(401, "refresh_invalid");
    let renewed = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(renewed.claims()["amr"], json!(["pwd", "mfa"]));
    app.logs_in("ada", PASSWORD).await.is(401, "mfa_required");
    let third = SignedIn::of(&app, &enters(&app, &Device::honest(), &mut passkey).await);
    let (_, answer) = added_by(&renewed.actor, &Device::honest()).await;
    assert!(answer.get("session").is_none(), "{answer}");
    third.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn it_is_told_once_noted_and_mailed_without_anything_private() {
    let app = TestApp::start().await;
    let (ada, device, passkey) = equipped(&app, "ada").await;
    later(&app);
    passkey_of(&ada.actor, &device).await;
    let [told] = app.emitted_of::<MfaEnabled>().await.try_into().unwrap();
    assert_eq!((told.user_id, json!(told.method)), (ada.id, json!("passkey")));
    assert_eq!(json!(told.sid), ada.claims()["sid"]);
    assert_eq!(last_noted(&ada.actor).await, ("passkey_added".into(), String::new()));
    let mails = app.mails("ada").await;
    assert_eq!(mails.iter().filter(|mail| mail.template == "passkey_added").count(), 2);
    let (id, user) = (&passkey.id, &passkey.user);
    let spelt = [hex::encode(id), BASE64.encode(id), STANDARD_NO_PAD.encode(id), json!(id).to_string()];
    app.kept_no_word_of(&spelt).await;
    app.kept_no_word_of(&[BASE64.encode(user), json!(user).to_string()]).await;
}

#[tokio::test]
async fn passkeys_go_with_their_account_and_stay_when_others_are_swept() {
    let app = TestApp::start().await;
    equipped(&app, "ada").await;
    app.clock.advance(SignedDuration::from_hours(400 * 24));
    sweep::once(app.db()).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 1);
    app.execute("DELETE FROM users").await;
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 0);
}
