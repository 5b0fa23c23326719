//! A9: the secret by which an address is proven.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;

use crate::canaries;
use crate::cast::{self, Trip};
use crate::fleet::Fleet;
use crate::mail;
use crate::person::{Answer, PASSWORD, fresh, registration, send};
use crate::report::{Row, row};

/// Another password than everybody's.
const ANOTHER: &str = "granite-vélo-82-safran";

/// A9.
pub fn a9() -> Row {
    row!(
        "A9",
        a_proof_is_good_once,
        of_twenty_proofs_at_once_one_is_taken,
        opening_the_link_proves_nothing,
        a_proof_is_for_the_account_it_was_mailed_for,
        a_proof_of_a_new_address_is_void_after_a_newer_wish,
        a_proof_of_a_new_address_is_good_once,
        a_proof_of_an_address_that_is_taken_meanwhile_changes_nothing,
        who_proves_an_address_has_the_password_that_was_chosen_with_the_proof,
        nobody_enters_before_the_proof;
        alone,
        after_a_day_a_proof_is_gone
    )
}

/// Somebody registers; answers his address and the secret that is mailed to it.
async fn registers(fleet: &Fleet) -> (String, String) {
    let name = fresh("eve");
    cast::stranger(fleet).post("/auth/register", registration(&name)).await.is(201);
    let email = format!("{name}@example.org");
    let token = mail::wait_for(fleet, &email, 1).await.token();
    (email, token)
}

async fn proves(fleet: &Fleet, token: &str) -> Answer {
    cast::stranger(fleet).post("/auth/verify-email", json!({ "token": token })).await
}

async fn a_proof_is_good_once(fleet: Arc<Fleet>) {
    let (email, token) = registers(&fleet).await;
    proves(&fleet, &token).await.is(200);
    proves(&fleet, &token).await.refuses(400, "token_invalid");
    cast::logs_in(&fleet, &email, PASSWORD).await.is(200);
}

async fn of_twenty_proofs_at_once_one_is_taken(fleet: Arc<Fleet>) {
    let (email, token) = registers(&fleet).await;
    let raced = join_all((0..20).map(|_| proves(&fleet, &token))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [200, 400, 503].contains(&answer.status)), "{raced:?}");
    mail::wait_for(&fleet, &email, 2).await;
    cast::logs_in(&fleet, &email, PASSWORD).await.is(200);
    let welcomes = mail::to(&fleet, &email).len();
    assert_eq!(welcomes, 2, "the link, and one welcome");
}

async fn opening_the_link_proves_nothing(fleet: Arc<Fleet>) {
    let (email, token) = registers(&fleet).await;
    for _ in 0..3 {
        let page = fleet.url(&format!("/api/v1/auth/verify-email?token={token}"));
        send(fleet.http.get(&page)).await.is(200);
    }
    cast::logs_in(&fleet, &email, PASSWORD).await.refuses(403, "email_not_verified");
    proves(&fleet, &token).await.is(200);
}

async fn a_proof_is_for_the_account_it_was_mailed_for(fleet: Arc<Fleet>) {
    let ((hers, _), (his, proof)) = (registers(&fleet).await, registers(&fleet).await);
    let claimed = json!({ "token": proof, "email": hers });
    cast::stranger(&fleet).post("/auth/verify-email", claimed).await.refuses(422, "invalid");
    proves(&fleet, &proof).await.is(200);
    cast::logs_in(&fleet, &hers, PASSWORD).await.refuses(403, "email_not_verified");
    cast::logs_in(&fleet, &his, PASSWORD).await.is(200);
}

async fn a_proof_of_a_new_address_is_void_after_a_newer_wish(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let (first, second) = (fresh("new"), fresh("new"));
    let wishes = async |name: &str| {
        let email = format!("{name}@example.org");
        ada.post("/auth/change-email", json!({ "new_email": email, "password": PASSWORD })).await.is(202);
        mail::wait_for(&fleet, &email, 1).await.token()
    };
    let (older, newer) = (wishes(&first).await, wishes(&second).await);
    ada.post("/auth/change-email/confirm", json!({ "token": older })).await.refuses(400, "token_invalid");
    let confirmed = ada.post("/auth/change-email/confirm", json!({ "token": newer })).await.is(200).json();
    assert_eq!(confirmed["email"], format!("{second}@example.org"));
}

async fn a_proof_of_a_new_address_is_good_once(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let new = format!("{}@example.org", fresh("new"));
    ada.post("/auth/change-email", json!({ "new_email": new, "password": PASSWORD })).await.is(202);
    let proof = json!({ "token": mail::wait_for(&fleet, &new, 1).await.token() });
    ada.post("/auth/change-email/confirm", proof.clone()).await.is(200);
    ada.post("/auth/change-email/confirm", proof).await.refuses(400, "token_invalid");
}

async fn a_proof_of_an_address_that_is_taken_meanwhile_changes_nothing(fleet: Arc<Fleet>) {
    let (ada, name) = (cast::member(&fleet).await, fresh("both"));
    let email = format!("{name}@example.org");
    ada.post("/auth/change-email", json!({ "new_email": email, "password": PASSWORD })).await.is(202);
    let hers = mail::wait_for(&fleet, &email, 1).await.token();
    cast::stranger(&fleet).post("/auth/register", registration(&name)).await.is(201);
    let his = mail::wait_for(&fleet, &email, 2).await.token();
    proves(&fleet, &his).await.is(200);
    let refused = ada.post("/auth/change-email/confirm", json!({ "token": hers })).await;
    assert!([400, 409].contains(&refused.status), "{refused:?}");
    assert_eq!(ada.get("/auth/me").await.is(200).json()["email"], ada.email);
    cast::logs_in(&fleet, &email, PASSWORD).await.is(200);
}

/// Whoever registered before with an address that is not his has nothing by it.
async fn who_proves_an_address_has_the_password_that_was_chosen_with_the_proof(fleet: Arc<Fleet>) {
    canaries::keep("a password", ANOTHER);
    let (email, _) = registers(&fleet).await;
    let again = json!({ "email": email, "password": ANOTHER });
    cast::stranger(&fleet).post("/auth/register", again).await.is(201);
    let proof = mail::wait_for(&fleet, &email, 2).await.token();
    proves(&fleet, &proof).await.is(200);
    cast::logs_in(&fleet, &email, PASSWORD).await.refuses(401, "invalid_credentials");
    cast::logs_in(&fleet, &email, ANOTHER).await.is(200);
}

async fn nobody_enters_before_the_proof(fleet: Arc<Fleet>) {
    let (email, _) = registers(&fleet).await;
    cast::logs_in(&fleet, &email, "pas-le-bon-mot").await.refuses(401, "invalid_credentials");
    let refused = cast::logs_in(&fleet, &email, PASSWORD).await.refuses(403, "email_not_verified");
    assert!(!refused.text.contains("access_token") && refused.header("set-cookie").is_empty(), "{refused:?}");
}

async fn after_a_day_a_proof_is_gone(fleet: Arc<Fleet>) {
    let (email, token) = registers(&fleet).await;
    let (_, other) = registers(&fleet).await;
    {
        let _early = Trip::to("+23h");
        proves(&fleet, &other).await.is(200);
    }
    let _late = Trip::to("+25h");
    proves(&fleet, &token).await.refuses(410, "token_expired");
    cast::logs_in(&fleet, &email, PASSWORD).await.refuses(403, "email_not_verified");
}
