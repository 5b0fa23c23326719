//! POST /auth/oauth/exchange.

use auth::providers::browser::Browser;
use auth::providers::exchange::exchanged;
use auth::secrets::Token;
use contracts::auth::{SessionRevoked, UserLoggedIn, UserLoginFailed};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Answer;

use crate::support::{Deeds, SignedIn, TestApp, together};

/// That of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// What it makes.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A code for an account, made now.
pub async fn code_for(app: &TestApp, who: &SignedIn) -> String {
    let code = Token::random().unwrap();
    let (digest, now) = (hex::encode(code.digest()), app.clock.now());
    let until = now + SignedDuration::from_secs(60);
    app.execute(&format!(
        "INSERT INTO exchange_codes (code_hash, user_id, code_challenge, created_at, expires_at)
         VALUES (decode('{digest}', 'hex'), '{}', '{CHALLENGE}', '{now}', '{until}')",
        who.id
    ))
    .await;
    code.show()
}

/// Shows a code with what its challenge was made from.
pub async fn exchanges(app: &TestApp, code: &str) -> Answer {
    exchanges_by(app, code, VERIFIER).await
}

async fn exchanges_by(app: &TestApp, code: &str, verifier: &str) -> Answer {
    let body = json!({ "code": code, "code_verifier": verifier, "device_name": "Portable" });
    app.nobody().post("/auth/oauth/exchange", body).await
}

#[tokio::test]
async fn what_is_no_code_of_ours_is_refused_alike() {
    let app = TestApp::start().await;
    for code in ["", "x", "'; DROP TABLE users; --", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        exchanges(&app, code).await.is(400, "code_invalid");
    }
    app.nobody().post("/auth/oauth/exchange", json!({ "code": "x" })).await.has_status(422);
}

#[tokio::test]
async fn a_code_opens_a_session_as_a_login_does() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let code = code_for(&app, &ada).await;
    let answer = exchanges(&app, &code).await;
    let entered = SignedIn::of(&app, &answer);
    assert_eq!((entered.id, &entered.claims()["amr"]), (ada.id, &json!(["fed"])));
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-device="));
    let sessions = entered.actor.get("/auth/sessions").await.json();
    assert!(sessions["items"].as_array().unwrap().iter().any(|item| item["device"] == "Portable"), "{sessions}");
    app.refreshes(&entered.refresh).await.has_status(200);
}

#[tokio::test]
async fn a_code_works_once_and_ends_nothing_when_it_comes_again() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let code = code_for(&app, &ada).await;
    let answers = together((0..10).map(|_| exchanges(&app, &code))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 9]].concat());
    assert_eq!((app.told::<UserLoggedIn>().await, app.told::<SessionRevoked>().await), (2, 0));
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    SignedIn::of(&app, winner).actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn a_code_works_once_in_several_processes_as_well() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let code = code_for(&app, &ada).await;
    let (processes, browser) = (app.processes(4).await, Browser::default());
    let shown = (code.as_str(), VERIFIER);
    let answers = together(processes.iter().map(|state| exchanged(state, &browser, shown, None))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test]
async fn another_verifier_uses_the_code_up() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    for wrong in ["", "short", CHALLENGE, &"A".repeat(43), &"A".repeat(129)] {
        let code = code_for(&app, &ada).await;
        exchanges_by(&app, &code, wrong).await.is(400, "code_invalid");
        exchanges(&app, &code).await.is(400, "code_invalid");
    }
}

#[tokio::test]
async fn a_code_works_for_a_minute() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let (late, just) = (code_for(&app, &ada).await, code_for(&app, &ada).await);
    app.clock.advance(SignedDuration::from_secs(60));
    exchanges(&app, &late).await.is(400, "code_invalid");
    app.clock.advance(SignedDuration::from_secs(-1));
    exchanges(&app, &just).await.has_status(200);
}

#[tokio::test]
async fn an_account_that_was_closed_meanwhile_is_not_opened() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let code = code_for(&app, &ada).await;
    app.execute("UPDATE users SET is_active = false").await;
    exchanges(&app, &code).await.is(403, "account_disabled");
    let [told] = app.emitted_of::<UserLoginFailed>().await.try_into().unwrap();
    assert_eq!((told.user_id, told.reason.as_str()), (Some(ada.id), "disabled"));
    let noted = "SELECT count(*) FROM security_events WHERE kind = 'login_failed' AND reason = 'disabled'";
    assert_eq!(app.count(noted).await, 1);
    app.execute("UPDATE users SET is_active = true").await;
    exchanges(&app, &code).await.is(400, "code_invalid");
}
