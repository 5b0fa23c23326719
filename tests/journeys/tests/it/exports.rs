//! All that the fleet holds about a person, for that person.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::clock_travel::travel;
use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{PASSWORD, Person, send};
use crate::wait;

const SOON: Duration = Duration::from_secs(20);
/// The job that deletes looks every ten seconds.
const DELETED_WITHIN: Duration = Duration::from_secs(40);
const SERVICES: [&str; 4] = ["auth", "notifications", "posts", "users"];

/// Ada with something everywhere, and Bob who has to do with it.
async fn wrote_and_liked<'f>(fleet: &'f Fleet) -> (Person<'f>, Person<'f>) {
    let (ada, bob) = (Person::new(fleet).await, Person::new(fleet).await);
    let profile = json!({ "bio": "Je compte, donc je suis.", "preferences": { "couleur": "verte" } });
    ada.patch("/users/me", profile).await.is(200);
    let hers = ada.has_post("Ma première note").await;
    ada.put(&hers, json!({ "body": "Ma note, revue" })).await.is(200);
    ada.post(&format!("{hers}/comments"), json!({ "body": "Un mot de plus" })).await.is(201);
    bob.post(&format!("{hers}/comments"), json!({ "body": "Le mot de Bob" })).await.is(201);
    bob.set(&format!("{hers}/like")).await.is(204);
    let his = bob.has_post("La note de Bob").await;
    ada.set(&format!("{his}/like")).await.is(204);
    fleet.settled(SOON).await;
    (ada, bob)
}

async fn is_ready(ada: &Person<'_>, id: &str) -> Value {
    wait::until("the export to be ready", SOON, async || {
        let shown = ada.get(&format!("/auth/exports/{id}")).await.is(200).json();
        (shown["state"] == "READY").then_some(shown)
    })
    .await
}

async fn downloaded(fleet: &Fleet, url: &str) -> BTreeMap<String, String> {
    let answer = fleet.http.get(url).send().await.expect("the gateway answers");
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((header("content-type").as_str(), header("cache-control").as_str()), ("application/zip", "no-store"));
    assert!(header("content-disposition").starts_with("attachment; filename=\"jolmood-"));
    let bytes = answer.bytes().await.expect("a whole archive");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

fn has_all_of_ada(files: &BTreeMap<String, String>, ada: &Person<'_>) {
    let json = |file: &str| -> Value { serde_json::from_str(&files[file]).unwrap_or_else(|e| panic!("{file}: {e}")) };
    assert!(files["README.txt"].starts_with("VOS DONNÉES"), "{}", files["README.txt"]);
    let manifest = json("manifest.json");
    let named: Vec<_> = manifest["services"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(named, SERVICES);
    assert_eq!(
        (&json("auth/account.json")["email"], &json("auth/account.json")["id"]),
        (&json!(ada.email), &json!(ada.id))
    );
    assert_eq!(json("users/profile.json")["bio"], "Je compte, donc je suis.");
    assert_eq!(json("users/profile.json")["preferences"]["couleur"], "verte");
    assert_eq!(json("posts/posts.json")[0]["body"], "Ma note, revue");
    assert_eq!(json("posts/revisions.json")[0]["body"], "Ma première note");
    assert_eq!(json("posts/comments.json")[0]["body"], "Un mot de plus");
    for file in ["posts/posts.json", "posts/comments.json", "posts/likes.json", "auth/sessions.json"] {
        assert_eq!(json(file).as_array().unwrap().len(), 1, "{file}: {}", files[file]);
    }
    assert_eq!(json("notifications/contact.json")["email"], ada.email.as_str());
    let mails = json("notifications/deliveries.json");
    let mails: Vec<_> = mails.as_array().unwrap().iter().map(|mail| mail["template"].clone()).collect();
    assert!(mails.contains(&json!("verify_email")) && mails.contains(&json!("welcome")), "{mails:?}");
}

/// Nothing of others, and no secret, is in an archive.
fn holds_nothing_else(files: &BTreeMap<String, String>, bob: &Person, ada: &Person, token: &str) {
    let whole = files.values().map(String::as_str).collect::<Vec<_>>().join("\n");
    for (what, word) in [
        ("Bob's words", "de Bob"),
        ("Bob", bob.id.as_str()),
        ("a password", PASSWORD),
        ("a hash of it", "$argon2id$"),
        ("a refresh token", ada.refresh.as_str()),
        ("the link", token),
    ] {
        assert!(!whole.contains(word), "{what} is in it");
    }
}

pub async fn all_that_is_held_about_a_person_can_be_downloaded_for_a_day(fleet: Arc<Fleet>) {
    let (mut ada, bob) = wrote_and_liked(&fleet).await;
    let begun = ada.post("/users/me/export", json!({})).await.is(202);
    let id = begun.json()["export_id"].as_str().unwrap().to_owned();
    assert_eq!(begun.header("location"), format!("/api/v1/auth/exports/{id}"));
    for again in join_all((0..20).map(|_| ada.post("/auth/exports", json!({})))).await {
        // Until it is ready the same, from then on none for a day.
        let same = again.status == 202 && again.json()["export_id"] == id.as_str();
        assert!(same || again.json()["code"] == "export_too_soon", "{again:?}");
    }
    let ready = is_ready(&ada, &id).await;
    let services: Vec<_> = ready["services"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(services, SERVICES);
    bob.get(&format!("/auth/exports/{id}")).await.refuses(404, "not_found");
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    let letter = mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    assert!(!letter.text.contains(&id) && !letter.text.contains("token"), "{}", letter.text);

    let url = ready["url"].as_str().unwrap().to_owned();
    let files = downloaded(&fleet, &url).await;
    has_all_of_ada(&files, &ada);
    let token = url.split_once("token=").unwrap().1;
    holds_nothing_else(&files, &bob, &ada, token);
    for name in ["gateway", "auth"] {
        let log = std::fs::read_to_string(fleet.part(name).log).unwrap();
        assert!(!log.contains(token), "the link is in the log of {name}");
    }
    ada.post("/auth/exports", json!({})).await.refuses(429, "export_too_soon");
    let tampered = format!("{}{}", &url[..url.len() - 2], if url.ends_with("AA") { "BA" } else { "AA" });
    send(fleet.http.get(tampered)).await.refuses(404, "not_found");
    nothing_is_left_on_the_way(&fleet).await;

    travel("+24h");
    send(fleet.http.get(&url)).await.refuses(410, "token_expired");
    let parts = format!("SELECT count(*) FROM export_parts WHERE export_id = '{id}'");
    wait::until_true("the parts to be deleted", DELETED_WITHIN, async || fleet.sql("auth_db", &parts).await == [0])
        .await;
    ada.sign_in().await;
    let shown = ada.get(&format!("/auth/exports/{id}")).await.is(200).json();
    assert!(shown["state"] == "EXPIRED" && shown["url"].is_null(), "{shown}");
    let second = ada.post("/auth/exports", json!({})).await.is(202).json();
    assert_ne!(second["export_id"], id.as_str());
    travel("now");
    fleet.settled(SOON).await;
}

/// No outbox keeps what it sent.
async fn nothing_is_left_on_the_way(fleet: &Fleet) {
    const SENT: &str = "SELECT count(*) FROM outbox WHERE type = 'gdpr.export.part_ready.v1'";
    for database in ["auth_db", "user_db", "post_db", "notifications_db"] {
        wait::until_true(&format!("{database} to keep no part"), SOON, async || fleet.sql(database, SENT).await == [0])
            .await;
    }
}
