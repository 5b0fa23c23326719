//! Posts, likes, comments and profiles.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::fleet::Fleet;
use crate::person::{Person, fresh, send};
use crate::wait;

pub async fn a_post_is_written_read_liked_and_discussed(fleet: Arc<Fleet>) {
    let (ada, bob) = (Person::new(&fleet).await, Person::new(&fleet).await);
    let created = ada.post("/posts", json!({ "body": "Premier billet", "tags": ["accueil"] })).await.is(201);
    let path = format!("/posts/{}", created.json()["id"].as_str().unwrap());
    assert_eq!(created.header("location"), format!("/api/v1{path}"));
    assert_eq!(bob.set(&format!("{path}/like")).await.status, 204);
    assert_eq!(bob.set(&format!("{path}/like")).await.status, 204, "liking is a bare fact");
    let parent = bob.post(&format!("{path}/comments"), json!({ "body": "Bravo" })).await.is(201).json();
    let reply = ada
        .post(&format!("{path}/comments"), json!({ "body": "Merci", "parent_id": parent["id"] }))
        .await
        .is(201)
        .json();
    assert_eq!(reply["parent_id"], parent["id"]);
    let seen = bob.get(&path).await.is(200).json();
    assert_eq!(
        (&seen["like_count"], &seen["comment_count"], &seen["liked_by_me"]),
        (&json!(1), &json!(2), &json!(true))
    );
    assert_eq!(ada.get(&path).await.json()["liked_by_me"], false);
    assert_eq!(bob.delete(&format!("{path}/like")).await.status, 204);
    assert_eq!(ada.get(&path).await.json()["like_count"], 0);
    let edited = ada.put(&path, json!({ "body": "Premier billet, corrigé" })).await.is(200).json();
    assert!(edited["edited_at"].is_string());
    assert_eq!(ada.delete(&path).await.status, 204);
    bob.get(&path).await.refuses(410, "post_deleted");
    bob.post(&format!("{path}/comments"), json!({ "body": "Trop tard" })).await.refuses(410, "post_deleted");
}

pub async fn two_hundred_racing_likes_count_each_person_once(fleet: Arc<Fleet>) {
    let author = Person::new(&fleet).await;
    let path = format!("{}/like", author.has_post("Course").await);
    let mut fans = Vec::new();
    for _ in 0..5 {
        fans.push(Person::new(&fleet).await);
    }
    let like = async |fan: &Person<'_>| {
        wait::until("a like to be taken", Duration::from_secs(20), async || match fan.set(&path).await.status {
            204 => Some(()),
            status => {
                assert_eq!(status, 503, "more at once than the service takes is the one excuse");
                None
            }
        })
        .await;
    };
    join_all((0..200).map(|n| like(&fans[n % fans.len()]))).await;
    let likes = author.get(path.trim_end_matches("/like")).await.json()["like_count"].clone();
    assert_eq!(likes, fans.len());
    let listed = author.get(&format!("{path}s")).await.is(200).json()["items"].as_array().unwrap().len();
    assert_eq!(listed, fans.len());
}

pub async fn many_like_many_posts_at_once(fleet: Arc<Fleet>) {
    let author = Person::new(&fleet).await;
    let (mut posts, mut fans) = (Vec::new(), Vec::new());
    for nth in 0..6 {
        posts.push(author.has_post(&format!("Billet {nth}")).await);
        fans.push(Person::new(&fleet).await);
    }
    // Twice each, of which the second changes nothing.
    let likes = (0..72).map(async |nth: usize| {
        let answer = fans[nth % 6].set(&format!("{}/like", posts[nth / 12])).await;
        assert_eq!(answer.status, 204);
    });
    futures_util::stream::iter(likes).for_each_concurrent(24, |like| like).await;
    for post in &posts {
        assert_eq!(author.get(post).await.json()["like_count"], 6);
        for fan in &fans {
            assert_eq!(fan.get(post).await.json()["liked_by_me"], true);
        }
    }
}

pub async fn a_list_is_paged_without_gaps_or_doubles(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let mut written = BTreeSet::new();
    for n in 0..7 {
        written.insert(ada.has_post(&format!("Page {n}")).await);
    }
    let (mut read, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = ada.get(&format!("/posts?author={}&limit=3{cursor}", ada.id)).await.is(200).json();
        read.extend(
            page["items"].as_array().unwrap().iter().map(|item| format!("/posts/{}", item["id"].as_str().unwrap())),
        );
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        if pages == 1 {
            ada.has_post("Entre deux pages").await;
        }
    }
    assert_eq!((pages, read.len()), (3, 7));
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), written);
    ada.get(&format!("/posts?cursor={}x", &cursor[8..])).await.refuses(400, "bad_cursor");
    let bob = Person::new(&fleet).await;
    bob.get(&format!("/posts?author={}{cursor}", bob.id)).await.refuses(400, "bad_cursor");
}

pub async fn only_the_author_edits_and_deletes(fleet: Arc<Fleet>) {
    let (ada, bob) = (Person::new(&fleet).await, Person::new(&fleet).await);
    let path = ada.has_post("À moi").await;
    bob.put(&path, json!({ "body": "À moi" })).await.refuses(403, "forbidden");
    bob.delete(&path).await.refuses(403, "forbidden");
    let comment = ada.post(&format!("{path}/comments"), json!({ "body": "Note" })).await.is(201).json();
    bob.put(&format!("/comments/{}", comment["id"].as_str().unwrap()), json!({ "body": "Non" }))
        .await
        .refuses(403, "forbidden");
    assert_eq!(ada.get(&path).await.json()["body"], "À moi");
}

pub async fn a_retried_creation_makes_one_post(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let create = |body: &str| {
        ada.request(Method::POST, "/posts").header("idempotency-key", "une-seule-fois").json(&json!({ "body": body }))
    };
    let race = join_all((0..10).map(|_| send(create("Une fois")))).await;
    let made: BTreeSet<_> =
        race.iter().filter(|answer| answer.status == 201).map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!(made.len(), 1, "{race:?}");
    assert!(
        race.iter().all(|answer| answer.status == 201 || answer.json()["code"] == "idempotency_running"),
        "{race:?}"
    );
    let replay = send(create("Une fois")).await.is(201);
    assert_eq!(replay.header("idempotent-replayed"), "true");
    send(create("Autre chose")).await.refuses(422, "idempotency_mismatch");
    let list = ada.get(&format!("/posts?author={}", ada.id)).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

pub async fn a_profile_reaches_the_other_services(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let change =
        json!({ "full_name": "Augusta Ada King", "preferences": { "language": "en", "timezone": "America/Toronto" } });
    ada.patch("/users/me", change).await.is(200);
    wait::until_true("auth to know the new name", Duration::from_secs(5), async || {
        let me = ada.get("/auth/me").await.is(200).json();
        me["full_name"] == "Augusta Ada King" && me["preferences"]["timezone"] == "America/Toronto"
    })
    .await;
    let bob = Person::new(&fleet).await;
    let seen = bob.get(&format!("/users/{}", ada.id)).await.is(200);
    assert_eq!(seen.json()["full_name"], "Augusta Ada King");
    assert!(!seen.text.contains(&ada.email) && !seen.text.contains("Toronto"), "{}", seen.text);
    ada.patch("/users/me", json!({ "preferences": { "timezone": "Europe/Pariss" } })).await.refuses(422, "invalid");
}

pub async fn a_username_belongs_to_one_account(fleet: Arc<Fleet>) {
    let (ada, bob) = (Person::new(&fleet).await, Person::new(&fleet).await);
    let name = fresh("augusta.");
    ada.patch("/users/me", json!({ "username": name })).await.is(200);
    bob.patch("/users/me", json!({ "username": name })).await.refuses(409, "username_taken");
    assert_eq!(ada.get("/auth/me").await.json()["username"], name);
    let alias = bob.put("/auth/profile", json!({ "full_name": "Robert", "bio": "Par l'alias" })).await.is(200);
    assert_eq!(alias.json()["bio"], "Par l'alias");
}

pub async fn two_editors_do_not_overwrite_each_other(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let read = ada.get("/users/me").await.is(200);
    let etag = read.header("etag").to_owned();
    assert!(!etag.is_empty());
    let edit =
        |bio: &str| ada.request(Method::PATCH, "/users/me").header("if-match", &etag).json(&json!({ "bio": bio }));
    send(edit("Première")).await.is(200);
    send(edit("Seconde")).await.refuses(412, "stale");
    assert_eq!(ada.get("/users/me").await.json()["bio"], "Première");
}
