//! A15: signing in through a provider that lies, with what others carry, or on a way that somebody else set out on.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::canaries;
use crate::cast::{self, Trip};
use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, Person, fresh, send};
use crate::provider::{APPLICATION, Someone, issuer};
use crate::report::{Row, row};
use crate::traveller::{Browser, CHALLENGE, VERIFIER, pair, session, with};

const GOOGLE: &str = "/api/v1/auth/google";

/// What a provider says that nobody may believe.
const TWISTS: [(&str, &str); 10] = [
    ("for another question", "nonce"),
    ("for no question", "no_nonce"),
    ("for another application", "aud"),
    ("of another issuer", "iss"),
    ("that is over", "exp"),
    ("for another access token", "at_hash"),
    ("that nobody signed", "unsigned"),
    ("that somebody else signed", "forged"),
    ("that is signed with the secret of both", "hmac"),
    ("that is none", "garbage"),
];

/// Addresses that look like the one that is registered.
const LOOK_ALIKES: [&str; 11] = [
    "https://app.example.org/signed-in/",
    "https://app.example.org/signed-in/../elsewhere",
    "https://app.example.org/signed-in?next=https://evil.example",
    "https://app.example.org/signed-in%23",
    "https://app.example.org/SIGNED-IN",
    "https://app.example.org:444/signed-in",
    "http://app.example.org/signed-in",
    "https://app.example.org.evil.example/signed-in",
    "https://app.example.org@evil.example/signed-in",
    "https://evil.example/https://app.example.org/signed-in",
    "javascript:alert(1)",
];

/// A15.
pub fn a15() -> Row {
    let row = row!(
        "A15",
        who_set_out_comes_back,
        a_way_back_without_a_state_is_none,
        the_state_of_another_way_is_none,
        the_way_back_of_another_browser_is_none,
        a_browser_that_never_set_out_does_not_come_back,
        a_state_is_good_once,
        of_ten_at_once_one_comes_back,
        the_way_back_from_another_provider_is_none,
        a_way_back_in_the_name_of_another_issuer_is_none,
        a_way_back_in_nobodys_name_is_none,
        what_a_provider_refuses_is_told_without_its_words,
        a_code_of_ours_is_exchanged_once_by_ten_at_once,
        a_code_of_ours_is_worth_nothing_without_its_secret,
        another_secret_uses_the_code_up,
        a_way_without_a_challenge_is_not_set_out_on,
        an_unproven_address_enters_no_account_that_there_is,
        an_account_is_linked_by_proof_in_the_same_browser_alone,
        a_link_is_asked_for_by_the_owner_alone;
        alone,
        after_ten_minutes_nobody_comes_back
    );
    let row = TWISTS.into_iter().fold(row, |row, (says, twist)| {
        row.check(&format!("an ID token {says} opens no account"), move |fleet| is_not_believed(fleet, twist))
    });
    LOOK_ALIKES.into_iter().fold(row, |row, uri| {
        row.check(&format!("nobody is sent back to {uri}"), move |fleet| is_not_listed(fleet, uri))
    })
}

async fn accounts(fleet: &Fleet, email: &str) -> i64 {
    let (name, _) = email.split_once('@').unwrap();
    // The statement itself names no whole address, since a slow one is logged.
    fleet.sql("auth_db", &format!("SELECT count(*) FROM users WHERE email LIKE '{name}' || chr(64) || '%'")).await[0]
}

fn remembered<'f>(fleet: &'f Fleet, answer: &Answer) -> Person<'f> {
    let person = session(fleet, answer);
    cast::remember(&person);
    person
}

async fn who_set_out_comes_back(fleet: Arc<Fleet>) {
    let ada = Someone::new(&fresh("ada"));
    for path in [GOOGLE, "/api/v1/auth/oauth/acme"] {
        let entered = Browser::new(&fleet).signs_in(path, &ada).await.is(200);
        remembered(&fleet, &entered).get("/auth/me").await.is(200);
    }
}

async fn a_way_back_without_a_state_is_none(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    for state in [None, Some(""), Some("x"), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        browser.get(&with(&back, "state", state)).await.refuses(400, "state_invalid");
    }
    browser.get(back.as_str()).await.is(200);
}

async fn the_state_of_another_way_is_none(fleet: Arc<Fleet>) {
    let (ada, hers, other) = (Someone::new(&fresh("ada")), Browser::new(&fleet), Browser::new(&fleet));
    let (back, theirs) = (hers.returns(GOOGLE, &ada).await, other.returns(GOOGLE, &ada).await);
    hers.get(&with(&back, "state", Some(&pair(&theirs, "state")))).await.refuses(400, "state_invalid");
}

/// Else somebody would be signed in as the attacker.
async fn the_way_back_of_another_browser_is_none(fleet: Arc<Fleet>) {
    let (mallory, victim) = (Browser::new(&fleet), Browser::new(&fleet));
    victim.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    let back = mallory.returns(GOOGLE, &Someone::new(&fresh("mallory"))).await;
    victim.get(back.as_str()).await.refuses(400, "state_invalid");
}

async fn a_browser_that_never_set_out_does_not_come_back(fleet: Arc<Fleet>) {
    let back = Browser::new(&fleet).returns(GOOGLE, &Someone::new(&fresh("mallory"))).await;
    Browser::new(&fleet).get(back.as_str()).await.refuses(400, "state_invalid");
}

async fn a_state_is_good_once(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    browser.get(back.as_str()).await.is(200);
    browser.get(back.as_str()).await.refuses(400, "state_invalid");
}

async fn of_ten_at_once_one_comes_back(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    let raced = join_all((0..10).map(|_| browser.get(back.as_str()))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [200, 400, 503].contains(&answer.status)), "{raced:?}");
}

async fn the_way_back_from_another_provider_is_none(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    let address = back.as_str().replace("/auth/google/callback", "/auth/oauth/acme/callback");
    browser.get(&address).await.refuses(400, "state_invalid");
}

async fn a_way_back_in_the_name_of_another_issuer_is_none(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    browser.get(&with(&back, "iss", Some(&issuer("acme")))).await.refuses(400, "state_invalid");
}

async fn a_way_back_in_nobodys_name_is_none(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    browser.get(&with(&back, "iss", None)).await.refuses(400, "state_invalid");
}

async fn what_a_provider_refuses_is_told_without_its_words(fleet: Arc<Fleet>) {
    let denied = Someone { twist: "denied", ..Someone::new(&fresh("denied")) };
    let refused = Browser::new(&fleet).signs_in(GOOGLE, &denied).await.refuses(400, "provider_refused");
    assert!(!refused.text.contains("<b>"), "{}", refused.text);
    assert_eq!(accounts(&fleet, &denied.email).await, 0);
}

async fn is_not_believed(fleet: Arc<Fleet>, twist: &'static str) {
    for path in [GOOGLE, "/api/v1/auth/oauth/acme"] {
        let honest = Someone::new(&fresh("mallory"));
        let mallory = Someone { twist, ..Someone::new(&fresh("mallory")) };
        Browser::new(&fleet).signs_in(path, &honest).await.is(200);
        let refused = Browser::new(&fleet).signs_in(path, &mallory).await.is(502).json();
        let code = refused["code"].as_str().unwrap_or_default();
        assert!(["provider_invalid", "provider_unavailable"].contains(&code), "{path}: {refused}");
        assert_eq!(accounts(&fleet, &mallory.email).await, 0, "{path}");
    }
}

async fn is_not_listed(fleet: Arc<Fleet>, uri: &'static str) {
    let pairs = [("redirect_uri", uri), ("code_challenge", CHALLENGE)];
    let refused = sets_out(&fleet, &pairs).await.refuses(400, "redirect_not_allowed");
    assert!(refused.header("location").is_empty(), "{refused:?}");
}

/// Where an application of ours is sent back to, with a code.
async fn code_of(fleet: &Fleet, who: &Someone) -> String {
    let start = format!("{GOOGLE}?redirect_uri={APPLICATION}&code_challenge={CHALLENGE}");
    let sent = Browser::new(fleet).signs_in(&start, who).await.is(303);
    let there = Url::parse(sent.header("location")).unwrap();
    assert!(there.as_str().starts_with(&format!("{APPLICATION}?code=")), "{there}");
    let code = pair(&there, "code");
    canaries::keep("a code for an application", &code);
    code
}

async fn exchanges(fleet: &Fleet, body: Value) -> Answer {
    cast::stranger(fleet).post("/auth/oauth/exchange", body).await
}

async fn a_code_of_ours_is_exchanged_once_by_ten_at_once(fleet: Arc<Fleet>) {
    let code = code_of(&fleet, &Someone::new(&fresh("ada"))).await;
    let body = json!({ "code": code, "code_verifier": VERIFIER });
    let raced = join_all((0..10).map(|_| exchanges(&fleet, body.clone()))).await;
    let won: Vec<_> = raced.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [200, 400, 503].contains(&answer.status)), "{raced:?}");
    remembered(&fleet, won[0]).get("/auth/me").await.is(200);
    exchanges(&fleet, body).await.refuses(400, "code_invalid");
}

async fn a_code_of_ours_is_worth_nothing_without_its_secret(fleet: Arc<Fleet>) {
    let code = code_of(&fleet, &Someone::new(&fresh("ada"))).await;
    exchanges(&fleet, json!({ "code": code })).await.refuses(422, "invalid");
    exchanges(&fleet, json!({ "code": code, "code_verifier": null })).await.is(422);
    exchanges(&fleet, json!({ "code": code, "code_verifier": "" })).await.refuses(400, "code_invalid");
}

async fn another_secret_uses_the_code_up(fleet: Arc<Fleet>) {
    let code = code_of(&fleet, &Someone::new(&fresh("ada"))).await;
    exchanges(&fleet, json!({ "code": code, "code_verifier": CHALLENGE })).await.refuses(400, "code_invalid");
    exchanges(&fleet, json!({ "code": code, "code_verifier": VERIFIER })).await.refuses(400, "code_invalid");
}

/// Sets out for an application.
async fn sets_out(fleet: &Fleet, pairs: &[(&str, &str)]) -> Answer {
    send(fleet.http.get(fleet.url(GOOGLE)).query(pairs)).await
}

async fn a_way_without_a_challenge_is_not_set_out_on(fleet: Arc<Fleet>) {
    let none = [("redirect_uri", APPLICATION)];
    sets_out(&fleet, &none).await.refuses(400, "pkce_required");
    let short = [("redirect_uri", APPLICATION), ("code_challenge", "short")];
    sets_out(&fleet, &short).await.refuses(400, "pkce_required");
    let plain = [("redirect_uri", APPLICATION), ("code_challenge", CHALLENGE), ("code_challenge_method", "plain")];
    sets_out(&fleet, &plain).await.refuses(400, "pkce_required");
}

async fn an_unproven_address_enters_no_account_that_there_is(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let mallory = Someone { email_verified: false, ..Someone::at(&fresh("mallory"), ada.email.clone()) };
    let hers = Browser::new(&fleet).signs_in(GOOGLE, &mallory).await.refuses(409, "link_required");
    let nobody = Someone { email_verified: false, ..Someone::new(&fresh("nobody")) };
    let unknown = Browser::new(&fleet).signs_in(GOOGLE, &nobody).await.refuses(409, "link_required");
    assert_eq!(hers.json()["detail"], unknown.json()["detail"], "whether there is an account shows");
    assert_eq!(accounts(&fleet, &nobody.email).await, 0);
    let identities = ada.get("/auth/identities").await.is(200).json();
    assert_eq!(identities["items"], json!([]));
}

async fn an_account_is_linked_by_proof_in_the_same_browser_alone(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let hers = Someone { email_verified: false, ..Someone::at(&fresh("hers"), ada.email.clone()) };
    let browser = Browser::new(&fleet);
    browser.signs_in(GOOGLE, &hers).await.refuses(409, "link_required");
    let letter = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    let url = fleet.url("/api/v1/auth/link-identity");
    let confirms = async |browser: &Browser<'_>| {
        let request = fleet.http.post(&url).json(&json!({ "token": letter.token() }));
        browser.ask(&Url::parse(&url).unwrap(), request).await
    };
    // Whoever opens the mail did not set out, and whoever set out does not have the mail.
    confirms(&Browser::new(&fleet)).await.refuses(403, "other_browser");
    confirms(&browser).await.is(200);
    confirms(&browser).await.refuses(400, "token_invalid");
    let entered = Browser::new(&fleet).signs_in(GOOGLE, &hers).await.is(200);
    assert_eq!(remembered(&fleet, &entered).id, ada.id);
}

async fn a_link_is_asked_for_by_the_owner_alone(fleet: Arc<Fleet>) {
    let stranger = cast::stranger(&fleet);
    stranger.post("/auth/identities/google", json!({})).await.refuses(401, "unauthenticated");
    let (ada, mallory) = (cast::member(&fleet).await, cast::member(&fleet).await);
    // Mallory's browser carries the way that ada's session set out on: what she brings back is not linked to either.
    let gateway = Url::parse(&fleet.url("/")).unwrap();
    let (hers, mallorys) = (Browser::new(&fleet), Browser::new(&fleet));
    let wish = |who: &Person<'_>| who.request(Method::POST, "/auth/identities/google").json(&json!({}));
    let way = hers.ask(&gateway, wish(&ada)).await.is(200);
    mallorys.ask(&gateway, wish(&mallory)).await.is(200);
    let back = hers.through(&way, &Someone::new(&fresh("work"))).await;
    mallorys.get(back.as_str()).await.refuses(400, "state_invalid");
    for who in [&ada, &mallory] {
        assert_eq!(who.get("/auth/identities").await.is(200).json()["items"], json!([]));
    }
}

async fn after_ten_minutes_nobody_comes_back(fleet: Arc<Fleet>) {
    let browser = Browser::new(&fleet);
    let back = browser.returns(GOOGLE, &Someone::new(&fresh("ada"))).await;
    let _later = Trip::to("+11m");
    browser.get(back.as_str()).await.refuses(400, "state_invalid");
}
