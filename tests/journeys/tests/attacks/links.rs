//! A8: the secret by which a forgotten password is set anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::json;

use crate::canaries;
use crate::cast::{self, Trip};
use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{Answer, PASSWORD, fresh, send};
use crate::report::{Row, row};
use crate::revocation::refused_everywhere;

/// Another password than everybody's.
const ANOTHER: &str = "granite-vélo-82-safran";

/// A8.
pub fn a8() -> Row {
    row!(
        "A8",
        a_link_sets_one_password_and_no_second,
        of_twenty_at_once_one_sets_the_password,
        a_link_ends_all_sessions,
        a_link_of_before_another_password_is_void,
        a_link_of_before_another_address_is_void,
        a_newer_link_makes_the_older_one_void,
        a_link_opens_the_account_it_was_mailed_for_and_no_other,
        a_link_that_is_none_is_refused_with_the_same_words,
        opening_a_link_uses_nothing_up,
        a_weak_password_leaves_the_link_as_it_was,
        a_link_is_kept_as_a_hash,
        a_link_does_not_stand_in_for_the_second_factor,
        a_link_makes_known_browsers_strangers,
        the_owner_is_told;
        alone,
        after_an_hour_a_link_is_gone
    )
}

async fn reset(fleet: &Fleet, token: &str, password: &str) -> Answer {
    canaries::keep("a password", ANOTHER);
    cast::stranger(fleet).post("/auth/reset-password", json!({ "token": token, "new_password": password })).await
}

async fn a_link_sets_one_password_and_no_second(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    reset(&fleet, &token, ANOTHER).await.is(204);
    reset(&fleet, &token, "tortue-lampe-91-ivoire").await.refuses(400, "token_invalid");
    cast::logs_in(&fleet, &ada.email, ANOTHER).await.is(200);
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(401, "invalid_credentials");
}

async fn of_twenty_at_once_one_sets_the_password(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    let passwords: Vec<String> = (0..20).map(|n| format!("granite-vélo-{n:02}-safran")).collect();
    let raced = join_all(passwords.iter().map(|password| reset(&fleet, &token, password))).await;
    let set: Vec<_> = passwords.iter().zip(&raced).filter(|(_, answer)| answer.status == 204).collect();
    assert_eq!(set.len(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [204, 400, 503].contains(&answer.status)), "{raced:?}");
    cast::logs_in(&fleet, &ada.email, set[0].0).await.is(200);
}

async fn a_link_ends_all_sessions(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let there = ada.elsewhere().await;
    cast::remember(&there);
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    reset(&fleet, &token, ANOTHER).await.is(204);
    for gone in [&ada, &there] {
        refused_everywhere(gone).await;
        gone.post("/auth/refresh", json!({ "refresh_token": gone.refresh })).await.is(401);
    }
}

async fn a_link_of_before_another_password_is_void(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    let change = json!({ "current_password": PASSWORD, "new_password": ANOTHER });
    ada.post("/auth/change-password", change).await.is(204);
    reset(&fleet, &token, "tortue-lampe-91-ivoire").await.refuses(400, "token_invalid");
}

async fn a_link_of_before_another_address_is_void(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let new = format!("{}@example.org", fresh("new"));
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    ada.post("/auth/change-email", json!({ "new_email": new, "password": PASSWORD })).await.is(202);
    let proof = mail::wait_for(&fleet, &new, 1).await.token();
    ada.post("/auth/change-email/confirm", json!({ "token": proof })).await.is(200);
    reset(&fleet, &token, ANOTHER).await.refuses(400, "token_invalid");
    cast::logs_in(&fleet, &new, PASSWORD).await.is(200);
}

async fn a_newer_link_makes_the_older_one_void(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let older = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    let newer = cast::asks_for_reset(&fleet, &ada, 2).await.token();
    reset(&fleet, &older, ANOTHER).await.refuses(400, "token_invalid");
    reset(&fleet, &newer, ANOTHER).await.is(204);
}

async fn a_link_opens_the_account_it_was_mailed_for_and_no_other(fleet: Arc<Fleet>) {
    let (ada, mallory) = (cast::member(&fleet).await, cast::member(&fleet).await);
    let token = cast::asks_for_reset(&fleet, &mallory, 1).await.token();
    for (name, value) in [("email", &ada.email), ("user_id", &ada.id)] {
        let mut body = json!({ "token": token, "new_password": ANOTHER });
        body[name] = json!(value);
        cast::stranger(&fleet).post("/auth/reset-password", body).await.refuses(422, "invalid");
    }
    reset(&fleet, &token, ANOTHER).await.is(204);
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200);
    cast::logs_in(&fleet, &mallory.email, ANOTHER).await.is(200);
}

async fn a_link_that_is_none_is_refused_with_the_same_words(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let older = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    let used = cast::asks_for_reset(&fleet, &ada, 2).await.token();
    reset(&fleet, &used, ANOTHER).await.is(204);
    let unknown = URL_SAFE_NO_PAD.encode([7; 32]);
    let mut said = BTreeSet::new();
    for token in [older.as_str(), &used, &unknown, "", "none", &"A".repeat(1_000)] {
        let refused = reset(&fleet, token, ANOTHER).await.refuses(400, "token_invalid").json();
        said.insert(format!("{} {}", refused["title"], refused["detail"]));
    }
    assert_eq!(said.len(), 1, "{said:?}");
}

async fn opening_a_link_uses_nothing_up(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let letter = cast::asks_for_reset(&fleet, &ada, 1).await;
    for _ in 0..3 {
        send(fleet.http.get(letter.link())).await.is(200);
        send(fleet.http.head(letter.link())).await.is(200);
    }
    reset(&fleet, &letter.token(), ANOTHER).await.is(204);
}

async fn a_weak_password_leaves_the_link_as_it_was(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    for weak in ["short", "motdepasse", &ada.email] {
        reset(&fleet, &token, weak).await.refuses(422, "weak_password");
    }
    reset(&fleet, &token, ANOTHER).await.is(204);
}

async fn a_link_is_kept_as_a_hash(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    let hash = hex::encode(digest(&SHA256, &bytes));
    let count = async |condition: String| {
        fleet.sql("auth_db", &format!("SELECT count(*) FROM email_tokens t WHERE {condition}")).await
    };
    assert_eq!(count(format!("token_hash = '\\x{hash}'")).await, [1]);
    for plain in [&token, &hex::encode(&bytes)] {
        assert_eq!(count(format!("t::text LIKE '%{plain}%'")).await, [0], "the secret itself is in the table");
    }
}

async fn a_link_does_not_stand_in_for_the_second_factor(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    // One mail more: a second factor was turned on.
    let token = cast::asks_for_reset(&fleet, &ada, 2).await.token();
    reset(&fleet, &token, ANOTHER).await.is(204);
    let asked = cast::logs_in(&fleet, &ada.email, ANOTHER).await.refuses(401, "mfa_required").json();
    let second = json!({ "mfa_token": asked["mfa_token"], "code": app.next_code() });
    cast::stranger(&fleet).post("/auth/mfa/verify", second).await.is(200);
}

async fn a_link_makes_known_browsers_strangers(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let entered = cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200);
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    reset(&fleet, &token, ANOTHER).await.is(204);
    let login = fleet.http.post(fleet.url("/api/v1/auth/login")).header("cookie", &cookie);
    let again = send(login.json(&json!({ "email": ada.email, "password": ANOTHER }))).await.is(200);
    assert!(!again.header("set-cookie").starts_with(&cookie), "it is known by the same cookie again");
}

async fn the_owner_is_told(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    reset(&fleet, &token, ANOTHER).await.is(204);
    let told = mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    assert!(!told.text.contains("token="), "{told:?}");
    let entered = cast::logs_in(&fleet, &ada.email, ANOTHER).await.is(200).json();
    let me = fleet.http.get(fleet.url("/api/v1/auth/security-events?limit=100"));
    let events = send(me.bearer_auth(entered["access_token"].as_str().unwrap())).await.is(200);
    assert!(events.text.contains("password_reset"), "{}", events.text);
}

async fn after_an_hour_a_link_is_gone(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    {
        let _early = Trip::to("+59m");
        reset(&fleet, &token, "short").await.refuses(422, "weak_password");
    }
    let _late = Trip::to("+61m");
    reset(&fleet, &token, ANOTHER).await.refuses(410, "token_expired");
}
