//! A3 and A4: tokens for another purpose, of another time, of another person; and what a token is worth whose owner is
//! not what it says any more.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use reqwest::Method;
use serde_json::{Value, json};

use crate::canaries;
use crate::cast;
use crate::fleet::Fleet;
use crate::forge::{Forger, answered_everywhere, claiming, of_an_administrator, part_of, signed};
use crate::mail;
use crate::person::{PASSWORD, Person, fresh, registration, send};
use crate::report::Row;
use crate::revocation::refused_everywhere;
use crate::service_tokens;

/// What is made of good claims at this second, and then signed with the key that signs all tokens.
type Change = fn(&mut Value, i64);

const CHANGES: [(&str, Change); 18] = [
    ("a token for another audience", |c, _| c["aud"] = json!(["users"])),
    ("a token for a second audience besides", |c, _| c["aud"] = json!(["fleet", "users"])),
    ("a token whose audience is no list", |c, _| c["aud"] = json!("fleet")),
    ("a token of another issuer", |c, _| c["iss"] = json!("https://auth.example.org")),
    ("a token that ended half an hour ago", |c, now| lives(c, now - 3_600, now - 1_800)),
    ("a token that ends at the beginning of time", |c, _| lives(c, -1_800, 0)),
    ("a token that is not good yet", |c, now| c["nbf"] = json!(now + 600)),
    ("a token of the future", |c, now| lives(c, now + 600, now + 2_400)),
    ("a token for ten years", |c, now| lives(c, now, now + 315_360_000)),
    ("a token whose end is the greatest number", |c, now| lives(c, now, i64::MAX)),
    ("a token that ends before it begins", |c, now| lives(c, now, now - 1)),
    ("a token whose end is a text", |c, now| c["exp"] = json!((now + 1_800).to_string())),
    ("a token whose end is a fraction", |c, now| c["exp"] = json!((now + 1_800) as f64 + 0.5)),
    ("a token whose end is a whole number written as a fraction", |c, now| c["exp"] = json!((now + 1_800) as f64)),
    ("a token without an end", |c, _| drop(c.as_object_mut().unwrap().remove("exp"))),
    ("a token without a session", |c, _| drop(c.as_object_mut().unwrap().remove("sid"))),
    ("a token whose owner is no id", |c, _| c["sub"] = json!("admin")),
    ("a token that calls itself a refresh token", |c, _| c["type"] = json!("refresh")),
];

/// Kinds of tokens that open no door of an account, however well they are signed.
const KINDS: [&str; 4] = ["JWT", "svc+jwt", "state+jwt", "client-authentication+jwt"];

fn now() -> i64 {
    i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

fn lives(claims: &mut Value, iat: i64, exp: i64) {
    claims["iat"] = json!(iat);
    claims["exp"] = json!(exp);
}

/// A3.
pub fn a3() -> Row {
    let row = Row::new("A3").check("what the stolen key signs is good where it makes sense", well_signed_sense_is_good);
    let row = CHANGES.into_iter().fold(row, |row, (says, change)| {
        row.check(&format!("{says} is refused, though well signed"), move |fleet| changed_is_refused(fleet, change))
    });
    let row = KINDS.into_iter().fold(row, |row, kind| {
        row.check(&format!("a token of the kind {kind} is refused, though well signed"), move |fleet| {
            kind_is_refused(fleet, kind)
        })
    });
    row.check("a refresh token is no access token", a_refresh_token_is_no_access_token)
        .check("the secret of a mailed link is no access token", a_link_is_no_access_token)
        .check("a challenge for a second factor is no access token", a_challenge_is_no_access_token)
        .check("a token of a service is no access token", a_service_token_is_no_access_token)
        .check("an access token is nothing else", an_access_token_is_nothing_else)
        .check("one link does not do for another", one_link_does_not_do_for_another)
}

/// A4.
pub fn a4() -> Row {
    Row::new("A4")
        .check("a role that is raised in the token is refused", |fleet| rewritten(fleet, "roles", json!(["admin"])))
        .check("a tier that is raised in the token is refused", |fleet| rewritten(fleet, "tier", json!("PREMIUM")))
        .check("another owner in the token is refused", another_owner_is_refused)
        .check("a closed account is refused everywhere within a second", a_closed_account_is_refused)
        .check("lost rights are refused everywhere within a second", lost_rights_are_refused)
        .check("acts of administrators look at the account, not at the token", acts_look_at_the_account)
}

/// Else what is refused proves nothing.
async fn well_signed_sense_is_good(fleet: Arc<Fleet>) {
    let mut forger = Forger::at_work(&fleet).await;
    let now = now();
    lives(&mut forger.claims, now, now + 1_800);
    answered_everywhere(&fleet, &signed(&forger.stolen, &forger.header, &forger.claims), 200).await;
}

async fn changed_is_refused(fleet: Arc<Fleet>, change: Change) {
    let mut forger = Forger::at_work(&fleet).await;
    change(&mut forger.claims, now());
    answered_everywhere(&fleet, &signed(&forger.stolen, &forger.header, &forger.claims), 401).await;
}

async fn kind_is_refused(fleet: Arc<Fleet>, kind: &str) {
    let forger = Forger::at_work(&fleet).await;
    let header = forger.header_with("typ", json!(kind));
    answered_everywhere(&fleet, &signed(&forger.stolen, &header, &forger.claims), 401).await;
}

async fn a_refresh_token_is_no_access_token(fleet: Arc<Fleet>) {
    answered_everywhere(&fleet, &cast::bystander(&fleet).await.refresh, 401).await;
}

async fn a_link_is_no_access_token(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let letter = cast::asks_for_reset(&fleet, &ada, 1).await;
    answered_everywhere(&fleet, &letter.token(), 401).await;
}

async fn a_challenge_is_no_access_token(fleet: Arc<Fleet>) {
    let (ada, _) = cast::equipped(&fleet).await;
    answered_everywhere(&fleet, &cast::challenged(&ada).await, 401).await;
}

async fn a_service_token_is_no_access_token(fleet: Arc<Fleet>) {
    let token = service_tokens::token(&fleet, "notifications", "users").await;
    canaries::keep("a token of a service", &token);
    answered_everywhere(&fleet, &token, 401).await;
}

async fn an_access_token_is_nothing_else(fleet: Arc<Fleet>) {
    let (access, stranger) = (&cast::bystander(&fleet).await.access, cast::stranger(&fleet));
    stranger.post("/auth/refresh", json!({ "refresh_token": access })).await.refuses(401, "refresh_invalid");
    stranger.post("/auth/verify-email", json!({ "token": access })).await.refuses(400, "token_invalid");
    let reset = json!({ "token": access, "new_password": "granite-vélo-82-safran" });
    stranger.post("/auth/reset-password", reset).await.refuses(400, "token_invalid");
    let second = json!({ "mfa_token": access, "code": "123456" });
    stranger.post("/auth/mfa/verify", second).await.refuses(401, "mfa_invalid");
    let cookie = stranger.request(Method::POST, "/auth/refresh").header("cookie", format!("__Host-rt={access}"));
    send(cookie).await.refuses(401, "refresh_invalid");
}

async fn one_link_does_not_do_for_another(fleet: Arc<Fleet>) {
    let stranger = cast::stranger(&fleet);
    let ada = cast::member(&fleet).await;
    let reset = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    for path in ["/auth/verify-email", "/auth/change-email/confirm"] {
        stranger.post(path, json!({ "token": reset })).await.refuses(400, "token_invalid");
    }
    let accept = json!({ "token": reset, "password": "granite-vélo-82-safran" });
    stranger.post("/auth/accept-invitation", accept).await.refuses(400, "token_invalid");
    let name = fresh("new");
    stranger.post("/auth/register", registration(&name)).await.is(201);
    let proof = mail::wait_for(&fleet, &format!("{name}@example.org"), 1).await.token();
    let wrong = json!({ "token": proof, "new_password": "granite-vélo-82-safran" });
    stranger.post("/auth/reset-password", wrong).await.refuses(400, "token_invalid");
    // Nothing of this used them up.
    stranger.post("/auth/verify-email", json!({ "token": proof })).await.is(200);
    let right = json!({ "token": reset, "new_password": "granite-vélo-82-safran" });
    stranger.post("/auth/reset-password", right).await.is(204);
}

async fn rewritten(fleet: Arc<Fleet>, name: &'static str, value: Value) {
    let forger = Forger::at_work(&fleet).await;
    answered_everywhere(&fleet, &forger.with_claims(&claiming(&forger.claims, name, value)), 401).await;
}

async fn another_owner_is_refused(fleet: Arc<Fleet>) {
    let bob = cast::member(&fleet).await;
    rewritten(fleet.clone(), "sub", json!(bob.id)).await;
}

/// An administrator does something to the account, or this check ends here.
async fn acts(by: &Person<'_>, method: Method, path: &str, body: Value) {
    send(by.request(method, path).json(&body)).await.is(200);
}

async fn a_closed_account_is_refused(fleet: Arc<Fleet>) {
    let (root, bob) = (cast::administrator(&fleet).await, cast::member(&fleet).await);
    let why = json!({ "reason": "Trois signalements.", "reason_code": "abuse" });
    acts(&root, Method::PATCH, &format!("/auth/users/{}/deactivate", bob.id), why).await;
    refused_everywhere(&bob).await;
    bob.post("/auth/refresh", json!({ "refresh_token": bob.refresh })).await.refuses(401, "refresh_invalid");
    cast::logs_in(&fleet, &bob.email, PASSWORD).await.refuses(403, "account_disabled");
    cast::logs_in(&fleet, &bob.email, "pas-le-bon-mot").await.refuses(401, "invalid_credentials");
}

async fn lost_rights_are_refused(fleet: Arc<Fleet>) {
    let (root, mut bob) = (cast::administrator(&fleet).await, cast::member(&fleet).await);
    let account = format!("/auth/users/{}", bob.id);
    acts(&root, Method::PUT, &account, json!({ "roles": ["user", "coach"] })).await;
    refused_everywhere(&bob).await;
    bob.sign_in().await;
    cast::remember(&bob);
    assert_eq!(part_of(&bob.access, 1)["roles"], json!(["user", "coach"]));
    acts(&root, Method::PUT, &account, json!({ "roles": ["user"] })).await;
    refused_everywhere(&bob).await;
    let refreshed = bob.post("/auth/refresh", json!({ "refresh_token": bob.refresh })).await.is(200).json();
    let access = refreshed["access_token"].as_str().unwrap();
    assert_eq!(part_of(access, 1)["roles"], json!(["user"]), "the session goes on with what is left");
}

async fn acts_look_at_the_account(fleet: Arc<Fleet>) {
    let (mallory, bob) = (cast::member(&fleet).await, cast::member(&fleet).await);
    let forger = Forger::at_work(&fleet).await;
    let raised = of_an_administrator(&part_of(&mallory.access, 1), now());
    let root = Person { access: signed(&forger.stolen, &forger.header, &raised), ..mallory.clone() };
    let path = format!("/auth/users/{}", bob.id);
    root.put(&path, json!({ "roles": ["user", "admin"] })).await.refuses(403, "forbidden");
    root.put(&format!("/auth/users/{}", mallory.id), json!({ "roles": ["admin"] })).await.refuses(403, "forbidden");
    let why = json!({ "reason": "Trois signalements.", "reason_code": "abuse" });
    root.patch(&format!("{path}/deactivate"), why).await.refuses(403, "forbidden");
    assert_eq!(bob.get("/auth/me").await.is(200).json()["is_admin"], false);
}
