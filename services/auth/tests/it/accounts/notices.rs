//! Mails that tell owners what somebody did.

use contracts::auth::UserLoggedIn;
use contracts::mail::Send;
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, address, device_of};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const ELSEWHERE: &str = "203.0.113.77";

async fn warnings(app: &TestApp) -> Vec<Send> {
    app.mails("ada").await.into_iter().filter(|mail| mail.template == "new_device").collect()
}

#[tokio::test]
async fn nobody_is_mailed_about_the_first_login_nor_about_a_known_device() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    for _ in 0..3 {
        app.logs_in("ada", PASSWORD).await.has_status(200);
    }
    assert_eq!(warnings(&app).await.len(), 0);
}

#[tokio::test]
async fn an_owner_is_mailed_about_a_new_device_once() {
    let app = TestApp::start().await;
    app.signs_in("ada").await;
    let by_firefox = || app.enters("ada", PASSWORD).header("user-agent", FIREFOX).header("x-forwarded-for", ELSEWHERE);
    let session = SignedIn::of(&app, &by_firefox().await).claims()["sid"].as_str().unwrap().to_owned();
    by_firefox().await.has_status(200);
    let [mail] = warnings(&app).await.try_into().unwrap();
    let said = ["device", "network", "when"].map(|name| mail.params[name].clone());
    assert_eq!(said, ["Firefox, Linux", "203.0.113.0/24", "2026-01-13 10:30 CET"]);
    assert_eq!((mail.to, mail.dedup_key), (Some(address("ada")), format!("new_device:{session}")));
    assert_eq!(mail.expires_at, app.clock.now() + SignedDuration::from_hours(7 * 24));
    let told: Vec<bool> = app.emitted_of::<UserLoggedIn>().await.iter().map(|event| event.new_device).collect();
    assert_eq!(told, [true, true, false]);
}

#[tokio::test]
async fn the_same_device_on_another_network_is_new_unless_it_shows_that_it_is_known() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let device = device_of(&app.logs_in("ada", PASSWORD).await);
    app.enters("ada", PASSWORD).header("cookie", &device).header("x-forwarded-for", ELSEWHERE).await.has_status(200);
    assert_eq!(warnings(&app).await.len(), 0);
    app.enters("ada", PASSWORD).header("x-forwarded-for", "198.51.100.7").await.has_status(200);
    assert_eq!(warnings(&app).await.len(), 1);
}

#[tokio::test]
async fn what_a_visitor_calls_himself_is_not_mailed() {
    let app = TestApp::start().await;
    app.signs_in("ada").await;
    let name = "see evil.example at once";
    let body = json!({ "email": address("ada"), "password": PASSWORD, "device_name": name });
    let call = app.nobody().post("/auth/login", body).header("user-agent", "https://evil.example/ <b>");
    call.await.has_status(200);
    let [mail] = warnings(&app).await.try_into().unwrap();
    assert_eq!(mail.params["device"], "https");
    assert!(!mail.params.values().any(|word| word.contains("evil")), "{:?}", mail.params);
}

#[tokio::test]
async fn nobody_is_warned_at_an_address_that_was_not_proven() {
    let app = TestApp::with(&[("AUTH_REQUIRE_VERIFIED_EMAIL", "false")]).await;
    app.registers("ada").await;
    for agent in ["curl/8.14.1", FIREFOX] {
        app.enters("ada", PASSWORD).header("user-agent", agent).await.has_status(200);
    }
    assert_eq!(warnings(&app).await.len(), 0);
}
