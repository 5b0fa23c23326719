//! Signing in, staying signed in, signing out.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::fleet::Fleet;
use crate::person::{PASSWORD, Person, send};
use crate::wait;

pub async fn a_form_signs_in_as_json_does(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let form = fleet.http.post(fleet.url("/auth/login")).form(&[
        ("username", ada.email.as_str()),
        ("password", PASSWORD),
        ("grant_type", "password"),
    ]);
    let by_form = send(form).await.is(200).json();
    let by_json = ada.post("/auth/login", json!({ "email": ada.email, "password": PASSWORD })).await.is(200).json();
    let members = |body: &serde_json::Value| body.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(members(&by_form), members(&by_json));
    assert_eq!((&by_form["token_type"], &by_form["refresh_expires_in"]), (&json!("bearer"), &json!(604_800)));
    let wrong = ada
        .post("/auth/login", json!({ "email": ada.email, "password": "pas-le-bon-mot" }))
        .await
        .refuses(401, "invalid_credentials");
    let nobody = ada
        .post("/auth/login", json!({ "email": "nobody@example.org", "password": "pas-le-bon-mot" }))
        .await
        .refuses(401, "invalid_credentials");
    assert_eq!(wrong.json()["detail"], nobody.json()["detail"]);
}

pub async fn a_refresh_token_raced_by_twenty_clients_yields_one_child(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let refreshed = async || {
        wait::until("a refresh to be taken", Duration::from_secs(8), async || {
            let answer = ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await;
            (answer.status != 503).then(|| answer.is(200).json()["refresh_token"].as_str().unwrap().to_owned())
        })
        .await
    };
    let children: BTreeSet<_> = join_all((0..20).map(|_| refreshed())).await.into_iter().collect();
    assert_eq!(children.len(), 1, "one child, whoever asks within ten seconds");
    let child = children.into_iter().next().unwrap();
    assert_ne!(child, ada.refresh);
    ada.post("/auth/refresh", json!({ "refresh_token": child })).await.is(200);
}

pub async fn reuse_of_a_refresh_token_ends_the_family(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let child = ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.is(200).json();
    let grandchild = ada.post("/auth/refresh", json!({ "refresh_token": child["refresh_token"] })).await.is(200).json();
    ada.post("/auth/refresh", json!({ "refresh_token": ada.refresh })).await.refuses(401, "refresh_reused");
    ada.post("/auth/refresh", json!({ "refresh_token": grandchild["refresh_token"] })).await.is(401);
    let robbed = Person { access: grandchild["access_token"].as_str().unwrap().to_owned(), ..ada.clone() };
    crate::revocation::refused_everywhere(&robbed).await;
    let unknown = ada
        .post("/auth/refresh", json!({ "refresh_token": "bm90LW9uZS1vZi1vdXJz" }))
        .await
        .refuses(401, "refresh_invalid");
    assert!(unknown.header("www-authenticate").starts_with("Bearer"));
}

pub async fn a_session_can_be_listed_and_ended_from_another(fleet: Arc<Fleet>) {
    let here = Person::new(&fleet).await;
    let there = here.elsewhere().await;
    let sessions = here.get("/auth/sessions").await.is(200).json();
    let items = sessions["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{sessions}");
    let other = items.iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    let stranger = Person::new(&fleet).await;
    stranger.delete(&format!("/auth/sessions/{other}")).await.refuses(404, "not_found");
    here.delete(&format!("/auth/sessions/{other}")).await.is(204);
    crate::revocation::refused_everywhere(&there).await;
    there.post("/auth/refresh", json!({ "refresh_token": there.refresh })).await.is(401);
    here.get("/auth/me").await.is(200);
}

pub async fn sign_out_everywhere_ends_every_session(fleet: Arc<Fleet>) {
    let here = Person::new(&fleet).await;
    let (second, third) = (here.elsewhere().await, here.elsewhere().await);
    here.delete("/auth/sessions?except=current").await.is(204);
    crate::revocation::refused_everywhere(&second).await;
    here.get("/auth/me").await.is(200);
    let fourth = here.elsewhere().await;
    let out = here.post("/auth/logout", json!({ "all": true })).await.is(204);
    assert!(!out.header("clear-site-data").is_empty());
    for gone in [&here, &third, &fourth] {
        crate::revocation::refused_everywhere(gone).await;
        gone.post("/auth/refresh", json!({ "refresh_token": gone.refresh })).await.is(401);
    }
    here.elsewhere().await.get("/auth/me").await.is(200);
}
