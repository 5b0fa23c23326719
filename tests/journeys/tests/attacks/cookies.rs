//! A17: what browsers keep: planted from outside, readable, or sent by pages of others.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;

use crate::cast;
use crate::fleet::Fleet;
use crate::forge::part_of;
use crate::person::{Answer, PASSWORD, Person, send};
use crate::report::Row;

/// What a browser says that sends what another site's page asks of it.
const FROM_ELSEWHERE: [(&str, &str, &str); 5] = [
    ("by a page of another site", "sec-fetch-site", "cross-site"),
    ("with another origin", "origin", "https://evil.example"),
    ("with an origin that begins as ours", "origin", "http://localhost.evil.example"),
    ("with no origin at all", "origin", "null"),
    ("by what browsers may say some day", "sec-fetch-site", "elsewhere"),
];

/// A17.
pub fn a17() -> Row {
    let row = Row::new("A17")
        .check("a login opens a session of its own", a_login_opens_a_session_of_its_own)
        .check("the cookie of a device is closed to pages and other sites", the_cookie_of_a_device_is_closed)
        .check("the cookie of a session is closed to pages and other sites", the_cookie_of_a_session_is_closed)
        .check("the cookie of a way to a provider is closed to pages", the_cookie_of_a_way_is_closed)
        .check("a planted device is not taken over", a_planted_device_is_not_taken_over)
        .check("the device of another account is none here", the_device_of_another_account_is_none)
        .check("a device opens nothing by itself", a_device_opens_nothing)
        .check("who signs out takes the cookie of the session along", signing_out_takes_the_cookie)
        .check("a cookie that our own page sends carries the session on", our_own_page_carries_on);
    FROM_ELSEWHERE.into_iter().fold(row, |row, (says, name, value)| {
        row.check(&format!("a cookie that is sent {says} carries nothing on"), move |fleet| {
            is_refused(fleet, name, value)
        })
    })
}

/// Refreshes by the cookie, with a header besides.
async fn by_cookie(person: &Person<'_>, name: &str, value: &str) -> Answer {
    let request = cast::stranger(person.fleet).request(Method::POST, "/auth/refresh");
    send(request.header("cookie", format!("__Host-rt={}", person.refresh)).header(name, value)).await
}

/// The cookie of this name that an answer sets.
fn cookie_of(answer: &Answer, name: &str) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let beginning = format!("{name}=");
    let mut named: Vec<&str> = cookies.filter(|cookie| cookie.starts_with(&beginning)).collect();
    named.pop().unwrap_or_else(|| panic!("no {name}: {answer:?}")).to_owned()
}

/// Its attributes are those of `__Host-`, and no script reads it.
fn is_closed(cookie: &str, same_site: &str) {
    let attributes: Vec<String> = cookie.split(';').skip(1).map(|part| part.trim().to_lowercase()).collect();
    let site = format!("samesite={same_site}");
    for wanted in ["secure", "httponly", "path=/", &site] {
        assert!(attributes.iter().any(|attribute| attribute == wanted), "{wanted}: {cookie}");
    }
    assert!(!attributes.iter().any(|attribute| attribute.starts_with("domain")), "{cookie}");
    assert!(cookie.starts_with("__Host-"), "{cookie}");
}

async fn a_login_opens_a_session_of_its_own(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let login = fleet.http.post(fleet.url("/api/v1/auth/login")).bearer_auth(&ada.access);
    let login = login.header("cookie", format!("__Host-rt={}; session={}", ada.refresh, ada.id));
    let again = send(login.json(&json!({ "email": ada.email, "password": PASSWORD }))).await.is(200).json();
    let (old, new) = (part_of(&ada.access, 1), part_of(again["access_token"].as_str().unwrap(), 1));
    assert_ne!(old["sid"], new["sid"]);
    assert_ne!(again["refresh_token"], ada.refresh.as_str());
}

async fn the_cookie_of_a_device_is_closed(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    is_closed(&cookie_of(&cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200), "__Host-device"), "lax");
}

async fn the_cookie_of_a_session_is_closed(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let refreshed = by_cookie(&ada, "sec-fetch-site", "same-origin").await.is(200);
    is_closed(&cookie_of(&refreshed, "__Host-rt"), "strict");
}

async fn the_cookie_of_a_way_is_closed(fleet: Arc<Fleet>) {
    let way = send(fleet.http.get(fleet.url("/api/v1/auth/google"))).await.is(200);
    is_closed(&cookie_of(&way, "__Host-oauth-state"), "lax");
}

async fn enters_with(fleet: &Fleet, email: &str, device: &str) -> Answer {
    let login = fleet.http.post(fleet.url("/api/v1/auth/login")).header("cookie", format!("__Host-device={device}"));
    send(login.json(&json!({ "email": email, "password": PASSWORD }))).await.is(200)
}

async fn a_planted_device_is_not_taken_over(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let planted = "cGxhbnRlZC1wbGFudGVkLXBsYW50ZWQtcGxhbnRlZC0";
    let entered = enters_with(&fleet, &ada.email, planted).await;
    assert!(!cookie_of(&entered, "__Host-device").contains(planted), "{entered:?}");
}

async fn the_device_of_another_account_is_none(fleet: Arc<Fleet>) {
    let (ada, mallory) = (cast::member(&fleet).await, cast::member(&fleet).await);
    let entered = cast::logs_in(&fleet, &mallory.email, PASSWORD).await.is(200);
    let cookie = cookie_of(&entered, "__Host-device");
    let device = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    for _ in 0..5 {
        cast::logs_in(&fleet, &ada.email, "pas-le-bon-mot").await.refuses(401, "invalid_credentials");
    }
    let login = fleet.http.post(fleet.url("/api/v1/auth/login")).header("cookie", format!("__Host-device={device}"));
    let locked = send(login.json(&json!({ "email": ada.email, "password": PASSWORD }))).await;
    locked.refuses(429, "too_many_attempts");
}

async fn a_device_opens_nothing(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let entered = cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200);
    let device = cookie_of(&entered, "__Host-device").split(';').next().unwrap().to_owned();
    let me = fleet.http.get(fleet.url("/api/v1/auth/me")).header("cookie", &device);
    send(me).await.refuses(401, "unauthenticated");
    let refresh = fleet.http.post(fleet.url("/api/v1/auth/refresh")).header("cookie", &device);
    send(refresh).await.refuses(401, "refresh_invalid");
    let value = device.split('=').nth(1).unwrap();
    cast::stranger(&fleet)
        .post("/auth/refresh", json!({ "refresh_token": value }))
        .await
        .refuses(401, "refresh_invalid");
}

async fn signing_out_takes_the_cookie(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let out = ada.post("/auth/logout", json!({})).await.is(204);
    let cookie = cookie_of(&out, "__Host-rt").to_lowercase();
    assert!(cookie.starts_with("__host-rt=;") && cookie.contains("max-age=0"), "{cookie}");
    assert!(out.header("clear-site-data").contains("storage"), "{out:?}");
}

async fn our_own_page_carries_on(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let origin = fleet.url("");
    let refreshed = by_cookie(&ada, "origin", origin.trim_end_matches('/')).await.is(200).json();
    let next = refreshed["refresh_token"].as_str().unwrap().to_owned();
    by_cookie(&Person { refresh: next, ..ada.clone() }, "sec-fetch-site", "same-origin").await.is(200);
}

async fn is_refused(fleet: Arc<Fleet>, name: &'static str, value: &'static str) {
    let ada = cast::member(&fleet).await;
    by_cookie(&ada, name, value).await.refuses(403, "cross_site");
    // It was not even used up.
    ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.is(200);
}
