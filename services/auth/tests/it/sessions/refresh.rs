//! POST /auth/refresh.

use std::collections::BTreeSet;

use auth::sessions::Visitor;
use auth::sessions::refresh::carry_on;
use contracts::auth::{RefreshReuseDetected, SessionRevoked};
use jiff::SignedDuration;
use reqwest::Method;
use testkit::Call;

use crate::support::{Deeds, SignedIn, TestApp, together};

fn by_cookie(app: &TestApp, token: &str) -> Call {
    app.nobody().call(Method::POST, "/auth/refresh").header("cookie", &format!("a=b; __Host-rt={token}"))
}

#[tokio::test]
async fn each_refresh_gives_the_next_tokens_of_the_same_session() {
    let app = TestApp::start().await;
    let first = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_mins(29));
    let answer = app.refreshes(&first.refresh).await;
    let second = SignedIn::of(&app, &answer);
    assert_ne!(first.refresh, second.refresh);
    assert_eq!(first.claims()["sid"], second.claims()["sid"]);
    assert_eq!(first.claims()["auth_time"], second.claims()["auth_time"]);
    assert_eq!(second.claims()["iat"], app.clock.now().as_second());
    assert_eq!(answer.json()["refresh_expires_in"], 604_800);
    app.clock.advance(SignedDuration::from_mins(29));
    SignedIn::of(&app, &app.refreshes(&second.refresh).await);
}

#[tokio::test]
async fn a_token_shown_again_within_ten_seconds_gives_the_same_successor() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let first = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    app.clock.advance(SignedDuration::from_millis(9_999));
    let again = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(first.refresh, again.refresh);
    assert_ne!(first.access, again.access, "a fresh access token");
    again.actor.get("/auth/me").await.has_status(200);
    SignedIn::of(&app, &app.refreshes(&first.refresh).await);
}

#[tokio::test]
async fn a_token_shown_again_once_its_successor_was_used_ends_the_session_at_once() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let first = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    let second = SignedIn::of(&app, &app.refreshes(&first.refresh).await);
    app.refreshes(&ada.refresh).await.is(401, "refresh_reused");
    app.refreshes(&second.refresh).await.is(401, "refresh_invalid");
    assert_eq!((app.told::<RefreshReuseDetected>().await, app.told::<SessionRevoked>().await), (1, 1));
}

#[tokio::test]
async fn twenty_clients_with_one_token_get_one_child() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let answers = together((0..20).map(|_| app.refreshes(&ada.refresh))).await;
    let children: BTreeSet<String> = answers.iter().map(|answer| SignedIn::of(&app, answer).refresh).collect();
    assert_eq!(children.len(), 1);
    assert_eq!(app.count("SELECT count(*) FROM refresh_tokens").await, 2);
    assert_eq!(app.told::<RefreshReuseDetected>().await, 0);
    SignedIn::of(&app, &app.refreshes(children.first().unwrap()).await);
}

#[tokio::test]
async fn several_processes_give_one_child_as_well() {
    let app = TestApp::start().await;
    let mut token = app.signs_in("ada").await.refresh;
    let processes = app.processes(4).await;
    for _ in 0..5 {
        let visitor = Visitor::default();
        let answers = together(processes.iter().map(|state| carry_on(state, &visitor, &token))).await;
        let children: BTreeSet<String> = answers.into_iter().map(|open| open.unwrap().refresh.show()).collect();
        assert_eq!(children.len(), 1);
        token = children.into_iter().next().unwrap();
    }
}

#[tokio::test]
async fn a_token_shown_later_ends_the_session_with_all_its_tokens() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    app.clock.advance(SignedDuration::from_secs(10));
    app.refreshes(&ada.refresh).await.is(401, "refresh_reused");
    app.refreshes(&next.refresh).await.is(401, "refresh_invalid");
    app.refreshes(&ada.refresh).await.is(401, "refresh_invalid");
    next.actor.get("/auth/me").await.is(401, "token_revoked");
    let told = app.emitted_of::<RefreshReuseDetected>().await;
    assert_eq!((told.len(), told[0].user_id), (1, ada.id));
    let revoked = app.emitted_of::<SessionRevoked>().await;
    assert_eq!((revoked.len(), revoked[0].sid), (1, Some(told[0].sid)));
    assert!(revoked[0].exp >= app.clock.now() + SignedDuration::from_mins(30));
}

#[tokio::test]
async fn another_session_of_the_account_lives_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let other = SignedIn::of(&app, &app.logs_in("ada", crate::support::PASSWORD).await);
    app.refreshes(&ada.refresh).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(11));
    app.refreshes(&ada.refresh).await.is(401, "refresh_reused");
    other.actor.get("/auth/me").await.has_status(200);
    app.refreshes(&other.refresh).await.has_status(200);
}

#[tokio::test]
async fn a_thief_and_an_owner_racing_after_the_grace_both_lose() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.refreshes(&ada.refresh).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(11));
    let answers = together((0..20).map(|_| app.refreshes(&ada.refresh))).await;
    assert!(answers.iter().all(|answer| answer.status == 401), "{answers:?}");
    assert_eq!(app.told::<RefreshReuseDetected>().await, 1);
    assert_eq!(app.told::<SessionRevoked>().await, 1);
}

#[tokio::test]
async fn a_token_waits_for_seven_days() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    app.clock.advance(SignedDuration::from_hours(7 * 24));
    app.refreshes(&next.refresh).await.is(401, "refresh_invalid");
}

#[tokio::test]
async fn a_session_lives_for_thirty_days_however_often_it_is_refreshed() {
    let app = TestApp::start().await;
    let mut token = app.signs_in("ada").await.refresh;
    for _ in 0..4 {
        app.clock.advance(SignedDuration::from_hours(6 * 24));
        token = SignedIn::of(&app, &app.refreshes(&token).await).refresh;
    }
    app.clock.advance(SignedDuration::from_hours(5 * 24));
    let last = app.refreshes(&token).await;
    assert_eq!(last.json()["refresh_expires_in"], 24 * 3600, "the session has a day left");
    app.clock.advance(SignedDuration::from_hours(24));
    let token = last.json()["refresh_token"].as_str().unwrap().to_owned();
    app.refreshes(&token).await.is(401, "refresh_invalid");
}

#[tokio::test]
async fn after_the_clock_went_back_a_session_goes_on() {
    let app = TestApp::start().await;
    app.clock.advance(SignedDuration::from_hours(36));
    let ada = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_hours(-36));
    ada.actor.get("/auth/me").await.is(401, "token_expired");
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    next.actor.get("/auth/me").await.has_status(200);
    SignedIn::of(&app, &app.refreshes(&next.refresh).await);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for token in ["", "x", &ada.access, &"A".repeat(43), "' OR 1=1 --"] {
        app.refreshes(token).await.is(401, "refresh_invalid");
    }
    let nothing = app.nobody().call(Method::POST, "/auth/refresh").await;
    nothing.is(401, "refresh_invalid");
    assert_eq!(nothing.header("www-authenticate"), Some("Bearer"));
    app.nobody().post("/auth/refresh", serde_json::json!({})).await.has_status(422);
}

#[tokio::test]
async fn a_closed_account_is_not_carried_on() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.execute("UPDATE users SET is_active = false").await;
    app.refreshes(&ada.refresh).await.is(401, "refresh_invalid");
}

#[tokio::test]
async fn new_roles_come_with_the_next_token() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.execute("UPDATE users SET roles = '{user,coach}', tier = 'PREMIUM'").await;
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(next.claims()["roles"], serde_json::json!(["user", "coach"]));
    assert_eq!(next.claims()["tier"], "PREMIUM");
}

#[tokio::test]
async fn a_cookie_is_taken_and_given_back_safely() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let answer = by_cookie(&app, &ada.refresh).await;
    let next = SignedIn::of(&app, &answer);
    let expected = format!("__Host-rt={}; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=604800", next.refresh);
    assert_eq!(answer.header("set-cookie"), Some(expected.as_str()));
    assert_eq!(app.refreshes(&next.refresh).await.header("set-cookie"), None, "none was sent");
}

#[tokio::test]
async fn another_site_cannot_send_the_cookie() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    by_cookie(&app, &ada.refresh).header("sec-fetch-site", "cross-site").await.is(403, "cross_site");
    by_cookie(&app, &ada.refresh).header("origin", "https://evil.example").await.is(403, "cross_site");
    by_cookie(&app, &ada.refresh).header("origin", "null").await.is(403, "cross_site");
    by_cookie(&app, &ada.refresh).header("origin", "http://127.0.0.1:8080").await.has_status(200);
}

#[tokio::test]
async fn a_session_is_not_refreshed_more_often_than_allowed() {
    let app = TestApp::with(&[("LIMIT_REFRESH", "2/min")]).await;
    let ada = app.signs_in("ada").await;
    app.refreshes(&ada.refresh).await.has_status(200);
    app.refreshes(&ada.refresh).await.has_status(200);
    app.refreshes(&ada.refresh).await.is(429, "quota_exceeded");
}

#[tokio::test]
async fn no_refresh_token_can_be_read_in_the_database() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&ada.refresh).unwrap();
    let dumped = format!(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM refresh_tokens t, sessions s WHERE t.token_hash = '\\x{0}'::bytea
            OR s.family_salt = '\\x{0}'::bytea OR s::text LIKE '%{1}%') THEN RAISE EXCEPTION 'it is there'; END IF; END $$",
        hex::encode(&bytes),
        ada.refresh
    );
    app.execute(&dumped).await;
}
