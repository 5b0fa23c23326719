//! DELETE /auth/passkeys/{id}.

use contracts::auth::MfaDisabled;
use jiff::SignedDuration;
use serde_json::json;
use testkit::Actor;

use super::{enters, equipped, last_noted, later, passkey_of, with_status};
use crate::identities::{ISSUER, has_identity};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, together};

const WITHOUT_PASSWORD: &str = "UPDATE users SET password_hash = NULL";

/// The paths of the passkeys of an account, the oldest first.
async fn paths(who: &Actor) -> Vec<String> {
    let list = who.get("/auth/passkeys").await.has_status(200).json();
    let ids = list["items"].as_array().unwrap().iter();
    ids.map(|item| format!("/auth/passkeys/{}", item["id"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn nobody_removes_anothers_nor_on_an_old_login() {
    let app = TestApp::start().await;
    let (ada, ..) = equipped(&app, "ada").await;
    let (bob, ..) = equipped(&app, "bob").await;
    let path = paths(&ada.actor).await.remove(0);
    app.nobody().delete(&path).await.is(401, "unauthenticated");
    bob.actor.delete(&path).await.is(404, "not_found");
    ada.actor.delete("/auth/passkeys/x").await.is(404, "not_found");
    app.clock.advance(SignedDuration::from_mins(11));
    ada.actor.delete(&path).await.is(401, "step_up_required");
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 2);
    assert_eq!(app.told::<MfaDisabled>().await, 0);
}

#[tokio::test]
async fn the_only_way_in_stays() {
    let app = TestApp::start().await;
    let (ada, device, _) = equipped(&app, "ada").await;
    app.execute(WITHOUT_PASSWORD).await;
    let only = paths(&ada.actor).await.remove(0);
    ada.actor.delete(&only).await.is(409, "last_credential");
    passkey_of(&ada.actor, &device).await;
    ada.actor.delete(&only).await.has_status(204);
    let last = paths(&ada.actor).await.remove(0);
    ada.actor.delete(&last).await.is(409, "last_credential");
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 1);
}

#[tokio::test]
async fn it_may_go_where_a_provider_opens_the_account_that_there_is() {
    let app = TestApp::start().await;
    let (ada, ..) = equipped(&app, "ada").await;
    app.execute(WITHOUT_PASSWORD).await;
    has_identity(&app, &ada, "ada").await;
    let only = paths(&ada.actor).await.remove(0);
    app.execute("UPDATE identities SET issuer = 'https://id.gone.example'").await;
    ada.actor.delete(&only).await.is(409, "last_credential");
    app.execute(&format!("UPDATE identities SET issuer = '{ISSUER}'")).await;
    ada.actor.delete(&only).await.has_status(204);
}

#[tokio::test]
async fn of_all_that_are_removed_at_once_one_stays_where_there_is_no_password() {
    let app = TestApp::start().await;
    let (ada, device, _) = equipped(&app, "ada").await;
    for _ in 0..4 {
        passkey_of(&ada.actor, &device).await;
    }
    app.execute(WITHOUT_PASSWORD).await;
    let paths = paths(&ada.actor).await;
    let all = together(paths.iter().map(|path| ada.actor.delete(path).into_future())).await;
    assert_eq!((with_status(&all, 204), with_status(&all, 409)), (4, 1));
    assert_eq!(app.count("SELECT count(*) FROM passkeys").await, 1);
}

#[tokio::test]
async fn one_that_is_removed_opens_nothing_and_the_password_does_again() {
    let app = TestApp::start().await;
    let (ada, device, mut passkey) = equipped(&app, "ada").await;
    app.logs_in("ada", PASSWORD).await.is(401, "mfa_required");
    let path = paths(&ada.actor).await.remove(0);
    later(&app);
    ada.actor.delete(&path).await.has_status(204);
    ada.actor.get("/auth/passkeys").await.is(401, "token_revoked");
    let ada = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(ada.claims()["amr"], json!(["pwd"]));
    assert_eq!(last_noted(&ada.actor).await, ("passkey_removed".into(), String::new()));
    ada.actor.delete(&path).await.is(404, "not_found");
    enters(&app, &device, &mut passkey).await.is(401, "passkey_refused");
    let again = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    assert_eq!(again.claims()["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn it_is_told_with_the_last_one_and_mailed_each_time() {
    let app = TestApp::start().await;
    let (ada, device, _) = equipped(&app, "ada").await;
    passkey_of(&ada.actor, &device).await;
    let [first, last] = paths(&ada.actor).await.try_into().unwrap();
    ada.actor.delete(&first).await.has_status(204);
    assert_eq!((paths(&ada.actor).await, app.told::<MfaDisabled>().await), (vec![last.clone()], 0));
    ada.actor.delete(&last).await.has_status(204);
    let [told] = app.emitted_of::<MfaDisabled>().await.try_into().unwrap();
    assert_eq!((told.user_id, json!(told.method)), (ada.id, json!("passkey")));
    let mails = app.mails("ada").await;
    assert_eq!(mails.iter().filter(|mail| mail.template == "passkey_removed").count(), 2);
}
