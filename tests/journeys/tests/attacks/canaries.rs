//! A18: what nobody may read who should not: secrets in logs, in addresses and in what is answered.
//!
//! Whoever makes a secret here says so by [`keep`]; the last check looks for all of them in every log of the fleet.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::person::{PASSWORD, fresh, send};
use crate::report::{Row, row};
use crate::{cast, wait};

/// What it is, and the secret.
type Canary = (&'static str, String);

static KEPT: Mutex<Vec<Canary>> = Mutex::new(Vec::new());

/// All addresses of people here end so.
const ADDRESSES: &str = "@example.org";
/// Links of so many mails are looked for; there are thousands.
const MAILS: usize = 200;

/// Remembers a secret that no log may hold. An empty one is none.
pub fn keep(what: &'static str, secret: &str) {
    if !secret.is_empty() {
        KEPT.lock().unwrap().push((what, secret.to_owned()));
    }
}

/// A18.
pub fn a18() -> Row {
    row!(
        "A18",
        a_token_in_the_address_opens_nothing,
        a_token_in_a_form_opens_nothing,
        a_refusal_does_not_repeat_the_token,
        a_refusal_does_not_repeat_the_password,
        a_page_with_a_secret_in_its_address_tells_nobody_where_it_is,
        tokens_are_answered_to_be_kept_by_nobody;
        alone,
        no_log_of_the_fleet_holds_a_secret
    )
}

async fn a_token_in_the_address_opens_nothing(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    for name in ["access_token", "token", "bearer", "authorization"] {
        for base in ["gateway", "users"].map(|part| fleet.part(part).url) {
            let url = format!("{base}/api/v1/users/me?{name}={}", ada.access);
            send(fleet.http.get(url)).await.refuses(401, "unauthenticated");
        }
    }
}

async fn a_token_in_a_form_opens_nothing(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let form = fleet.http.post(fleet.url("/api/v1/auth/logout")).form(&[("access_token", &ada.access)]);
    send(form).await.refuses(401, "unauthenticated");
    ada.get("/auth/me").await.is(200);
}

async fn a_refusal_does_not_repeat_the_token(fleet: Arc<Fleet>) {
    let mut ada = cast::member(&fleet).await;
    ada.access.push('x');
    let refused = ada.get("/users/me").await.refuses(401, "unauthenticated");
    assert!(!refused.text.contains(&ada.access[..40]), "{}", refused.text);
    let link = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I";
    let stranger = cast::stranger(&fleet);
    let refused = stranger.post("/auth/verify-email", json!({ "token": link })).await.refuses(400, "token_invalid");
    assert!(!refused.text.contains(link), "{}", refused.text);
    let refused =
        stranger.post("/auth/refresh", json!({ "refresh_token": link })).await.refuses(401, "refresh_invalid");
    assert!(!refused.text.contains(link), "{}", refused.text);
}

async fn a_refusal_does_not_repeat_the_password(fleet: Arc<Fleet>) {
    let (stranger, email) = (cast::stranger(&fleet), format!("{}{ADDRESSES}", fresh("weak")));
    for password in ["k7-zq4", "motdepasse"] {
        let body = json!({ "email": email, "password": password });
        let refused = stranger.post("/auth/register", body).await.refuses(422, "weak_password");
        assert!(!refused.text.contains(password), "{}", refused.text);
    }
    let unreadable = json!({ "email": email, "password": [PASSWORD] });
    let refused = stranger.post("/auth/login", unreadable).await.is(422);
    assert!(!refused.text.contains(PASSWORD), "{}", refused.text);
    let cut = format!("{{\"email\": \"{email}\", \"password\": \"{PASSWORD}");
    let cut = stranger.request(Method::POST, "/auth/login").header("content-type", "application/json").body(cut);
    let refused = send(cut).await.refuses(400, "malformed_json");
    assert!(!refused.text.contains(PASSWORD), "{}", refused.text);
}

async fn a_page_with_a_secret_in_its_address_tells_nobody_where_it_is(fleet: Arc<Fleet>) {
    let letter = cast::asks_for_reset(&fleet, &cast::member(&fleet).await, 1).await;
    let page = send(fleet.http.get(letter.link())).await.is(200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    for outside in ["src=", "href=", "url(", "<script"] {
        assert!(!page.text.contains(outside), "{outside}: {}", page.text);
    }
}

async fn tokens_are_answered_to_be_kept_by_nobody(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let entered = cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200);
    let refreshed = ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.is(200);
    for answer in [entered, refreshed] {
        assert_eq!(answer.header("cache-control"), "no-store", "{:?}", answer.headers);
    }
}

/// All that the fleet wrote: our processes, and the servers.
async fn no_log_of_the_fleet_holds_a_secret(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let answer = ada.get("/auth/me").await.is(200);
    let id = answer.header("x-request-id").to_owned();
    let mut canaries = KEPT.lock().unwrap().clone();
    canaries.extend(links(&fleet));
    assert!(canaries.len() > 20, "{} secrets are too few to prove anything", canaries.len());
    let gateway = fleet.part("gateway").log;
    wait::until_true("the last request to be logged", std::time::Duration::from_secs(5), async || {
        std::fs::read_to_string(&gateway).is_ok_and(|log| log.contains(&id))
    })
    .await;
    let logs = logs(&fleet);
    assert!(logs.len() > 5, "{logs:?}");
    for file in logs {
        let log = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!log.contains(ADDRESSES), "a mail address is in {}", file.display());
        for (what, secret) in &canaries {
            assert!(!log.contains(secret.as_str()), "{what} is in {}", file.display());
        }
    }
}

/// Whatever stands in a folder of logs, and what the state file calls a log.
fn logs(fleet: &Fleet) -> Vec<PathBuf> {
    let state = fleet.state();
    let parts = state.services.into_values().chain(state.servers.into_values()).chain([state.gateway]);
    let mut logs: Vec<PathBuf> = parts.map(|part| part.log).filter(|log| log.is_file()).collect();
    logs.extend(files(&fleet::folder().join("log")));
    logs.sort();
    logs.dedup();
    logs
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

/// The secrets of links that were mailed, as far as so many mails hold them.
fn links(fleet: &Fleet) -> Vec<Canary> {
    let mails = files(&fleet.state().mail_dir).into_iter().take(MAILS);
    let texts = mails.map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned());
    texts.filter_map(|text| token_in(&text)).map(|token| ("the secret of a link", token)).collect()
}

/// The secret of the first link in a mail as it is sent: an encoding folds its lines and changes nothing else of it.
fn token_in(mail: &str) -> Option<String> {
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, after) = text.split_once("token=")?;
    let token: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    (token.len() == 43).then_some(token)
}
