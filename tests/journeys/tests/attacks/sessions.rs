//! A5 and A6: refresh tokens that come twice, and sessions that were ended.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::canaries;
use crate::cast::{self, Trip};
use crate::fleet::Fleet;
use crate::person::{Answer, PASSWORD, Person, send};
use crate::report::{Row, row};
use crate::revocation::refused_everywhere;
use crate::wait;

/// Another password than everybody's.
const ANOTHER: &str = "granite-vélo-82-safran";

/// A5.
pub fn a5() -> Row {
    row!(
        "A5",
        of_twenty_refreshes_at_once_one_child_comes,
        within_ten_seconds_the_same_child_comes_again,
        a_token_whose_child_was_used_ends_the_family,
        a_stolen_family_ends_for_the_thief_too,
        the_other_sessions_of_the_account_go_on,
        a_token_that_nobody_gave_is_refused,
        reuse_is_noted_for_the_owner;
        alone,
        after_ten_seconds_the_same_token_ends_the_family,
        after_seven_days_a_token_is_refused
    )
}

/// A6.
pub fn a6() -> Row {
    row!(
        "A6",
        who_signs_out_is_out_everywhere_within_a_second,
        who_signs_out_everywhere_is_out_of_every_session,
        another_password_ends_the_other_sessions,
        a_session_is_ended_from_another,
        a_session_of_somebody_else_is_not,
        who_has_a_refresh_token_ends_its_session,
        who_has_an_access_token_ends_it
    )
}

async fn refresh(person: &Person<'_>, token: &str) -> Answer {
    person.post("/auth/refresh", json!({ "refresh_token": token })).await
}

/// What came of a refresh that was good.
fn tokens(answer: Answer) -> (String, String) {
    let session: Value = answer.is(200).json();
    let text = |name: &str| session[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    canaries::keep("an access token", &access);
    canaries::keep("a refresh token", &refresh);
    (access, refresh)
}

async fn of_twenty_refreshes_at_once_one_child_comes(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let one = async || {
        wait::until("a refresh to be taken", Duration::from_secs(10), async || {
            let answer = refresh(&ada, &ada.refresh).await;
            (answer.status != 503).then_some(answer)
        })
        .await
    };
    let all: Vec<_> = join_all((0..20).map(|_| one())).await.into_iter().map(tokens).collect();
    let children: BTreeSet<_> = all.iter().map(|(_, refresh)| refresh).collect();
    assert_eq!(children.len(), 1, "one child, whoever asks");
    let child = children.into_iter().next().unwrap();
    assert_ne!(*child, ada.refresh);
    tokens(refresh(&ada, child).await);
    let of_session = "SELECT count(*) FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id";
    let count = fleet.sql("auth_db", &format!("{of_session} WHERE s.user_id = '{}'", ada.id)).await;
    assert_eq!(count, [3], "the first, its child, and the child's");
}

async fn within_ten_seconds_the_same_child_comes_again(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let (access, child) = tokens(refresh(&ada, &ada.refresh).await);
    let (other, again) = tokens(refresh(&ada, &ada.refresh).await);
    assert_eq!(child, again);
    assert_ne!(access, other, "an access token is made anew each time");
}

async fn a_token_whose_child_was_used_ends_the_family(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let (_, child) = tokens(refresh(&ada, &ada.refresh).await);
    let (access, grandchild) = tokens(refresh(&ada, &child).await);
    refresh(&ada, &ada.refresh).await.refuses(401, "refresh_reused");
    for dead in [&ada.refresh, &child, &grandchild] {
        refresh(&ada, dead).await.is(401);
    }
    refused_everywhere(&Person { access, ..ada.clone() }).await;
    refused_everywhere(&ada).await;
}

async fn a_stolen_family_ends_for_the_thief_too(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let mallory = cast::stranger(&fleet);
    let (_, stolen) = tokens(refresh(&mallory, &ada.refresh).await);
    let (access, stolen) = tokens(refresh(&mallory, &stolen).await);
    refresh(&ada, &ada.refresh).await.refuses(401, "refresh_reused");
    refresh(&mallory, &stolen).await.is(401);
    refused_everywhere(&Person { access, ..ada.clone() }).await;
}

async fn the_other_sessions_of_the_account_go_on(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let there = ada.elsewhere().await;
    cast::remember(&there);
    let (_, child) = tokens(refresh(&ada, &ada.refresh).await);
    tokens(refresh(&ada, &child).await);
    refresh(&ada, &ada.refresh).await.refuses(401, "refresh_reused");
    there.get("/users/me").await.is(200);
    tokens(refresh(&there, &there.refresh).await);
}

async fn a_token_that_nobody_gave_is_refused(fleet: Arc<Fleet>) {
    let stranger = cast::stranger(&fleet);
    for token in ["", "x", "bm90LW9uZS1vZi1vdXJz", &"A".repeat(43), &"A".repeat(5_000)] {
        let refused = refresh(&stranger, token).await.refuses(401, "refresh_invalid");
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{:?}", refused.headers);
    }
}

async fn reuse_is_noted_for_the_owner(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let (_, child) = tokens(refresh(&ada, &ada.refresh).await);
    tokens(refresh(&ada, &child).await);
    refresh(&ada, &ada.refresh).await.refuses(401, "refresh_reused");
    let events = ada.elsewhere().await.get("/auth/security-events?limit=100").await.is(200);
    assert!(events.text.contains("refresh_reused"), "{}", events.text);
}

async fn after_ten_seconds_the_same_token_ends_the_family(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let (access, child) = tokens(refresh(&ada, &ada.refresh).await);
    let _later = Trip::to("+11s");
    refresh(&ada, &ada.refresh).await.refuses(401, "refresh_reused");
    refresh(&ada, &child).await.is(401);
    refused_everywhere(&Person { access, ..ada.clone() }).await;
}

async fn after_seven_days_a_token_is_refused(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let _later = Trip::to("+169h");
    refresh(&ada, &ada.refresh).await.refuses(401, "refresh_invalid");
    ada.get("/users/me").await.refuses(401, "token_expired");
}

/// Neither of its tokens is worth anything: the refresh token at once, the access token within a second.
async fn is_over(person: &Person<'_>) {
    refresh(person, &person.refresh).await.is(401);
    refused_everywhere(person).await;
}

async fn who_signs_out_is_out_everywhere_within_a_second(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let there = ada.elsewhere().await;
    cast::remember(&there);
    ada.post("/auth/logout", json!({})).await.is(204);
    is_over(&ada).await;
    there.get("/users/me").await.is(200);
}

async fn who_signs_out_everywhere_is_out_of_every_session(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let there = ada.elsewhere().await;
    cast::remember(&there);
    ada.post("/auth/logout", json!({ "all": true })).await.is(204);
    is_over(&ada).await;
    is_over(&there).await;
}

async fn another_password_ends_the_other_sessions(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let there = ada.elsewhere().await;
    cast::remember(&there);
    canaries::keep("a password", ANOTHER);
    let change = json!({ "current_password": PASSWORD, "new_password": ANOTHER });
    ada.post("/auth/change-password", change).await.is(204);
    is_over(&there).await;
    ada.get("/users/me").await.is(200);
    tokens(refresh(&ada, &ada.refresh).await);
}

/// The address of a session in the list that is not the one that asks.
async fn another_of(person: &Person<'_>) -> String {
    let sessions = person.get("/auth/sessions").await.is(200).json();
    let other = sessions["items"].as_array().unwrap().iter().find(|item| item["current"] == false).unwrap().clone();
    format!("/auth/sessions/{}", other["id"].as_str().unwrap())
}

async fn a_session_is_ended_from_another(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let there = ada.elsewhere().await;
    cast::remember(&there);
    ada.delete(&another_of(&ada).await).await.is(204);
    is_over(&there).await;
    ada.get("/users/me").await.is(200);
}

async fn a_session_of_somebody_else_is_not(fleet: Arc<Fleet>) {
    let (ada, mallory) = (cast::member(&fleet).await, cast::member(&fleet).await);
    let there = ada.elsewhere().await;
    mallory.delete(&another_of(&ada).await).await.refuses(404, "not_found");
    there.get("/users/me").await.is(200);
}

/// RFC 7009, as anybody who found it may call it.
async fn revoke(fleet: &Fleet, token: &str) {
    send(fleet.http.post(fleet.url("/api/v1/auth/revoke")).form(&[("token", token)])).await.is(200);
}

async fn who_has_a_refresh_token_ends_its_session(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    revoke(&fleet, &ada.refresh).await;
    is_over(&ada).await;
}

async fn who_has_an_access_token_ends_it(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    revoke(&fleet, &ada.access).await;
    refused_everywhere(&ada).await;
}
