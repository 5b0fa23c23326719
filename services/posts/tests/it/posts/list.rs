use contracts::PostId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Actor, Answer};

use crate::support::{Deeds, Post, TestApp, execute, hide};

fn ids(answer: &Answer) -> Vec<PostId> {
    let json = answer.json();
    json["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// Every page of a list, one after the other.
async fn pages(reader: &Actor, path: &str) -> Vec<Vec<PostId>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = reader.get(&format!("{path}{cursor}")).await;
        pages.push(ids(&answer));
        match &answer.json()["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return pages,
        }
    }
}

async fn some(app: &TestApp, author: &Actor, count: usize) -> Vec<PostId> {
    let mut posts = Vec::new();
    for n in 0..count {
        posts.insert(0, author.has_post(app, &format!("Post {n}")).await.id);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    posts
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    some(&app, &ada, 3).await;
    let all = ada.get("/posts?limit=1").await.json()["next_cursor"].as_str().unwrap().to_owned();
    for path in
        [format!("/posts?author={}&cursor={all}", ada.id), format!("/posts?cursor={all}x"), "/posts?cursor=x".into()]
    {
        bob.get(&path).await.is(400, "bad_cursor");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    for (query, name) in [("limit=0", "limit"), ("limit=101", "limit"), ("sort=hot", "sort"), ("author=7", "author")] {
        let refused = ada.get(&format!("/posts?{query}")).await;
        refused.is(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], name, "{query}");
    }
}

#[tokio::test]
async fn the_newest_come_first_page_by_page_and_each_once() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let posts = some(&app, &ada, 5).await;
    assert_eq!(pages(&bob, "/posts?limit=2").await, [&posts[0..2], &posts[2..4], &posts[4..5]]);
    assert_eq!(pages(&bob, "/posts?limit=5").await, [&posts[..]]);
}

#[tokio::test]
async fn posts_of_one_moment_are_paged_like_others() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let mut posts = Vec::new();
    for _ in 0..5 {
        posts.push(ada.has_post(&app, "Now").await.id);
    }
    let mut seen = pages(&bob, "/posts?limit=2").await.concat();
    assert_eq!(seen.len(), 5);
    seen.sort();
    posts.sort();
    assert_eq!(seen, posts);
}

#[tokio::test]
async fn a_post_written_between_pages_moves_nothing() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let posts = some(&app, &ada, 4).await;
    let first = bob.get("/posts?limit=2").await;
    some(&app, &ada, 1).await;
    ada.delete(&format!("/posts/{}", posts[1])).await.has_status(204);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(ids(&bob.get(&format!("/posts?limit=2&cursor={cursor}")).await), posts[2..4]);
}

#[tokio::test]
async fn each_reader_gets_what_is_for_him() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (mut posts, kinds) = (Vec::<Post>::new(), ["public", "followers", "coaches", "public", "public"]);
    for kind in kinds {
        posts.push(ada.has_post_for(&app, kind).await);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    hide(&app, &posts[3]).await;
    ada.delete(&posts[4].url("")).await.has_status(204);
    let table = [
        (ada.clone(), vec![2, 1, 0]),
        (bob, vec![0]),
        (app.coach("cleo").await, vec![2, 0]),
        (app.admin("root").await, vec![2, 1, 0]),
    ];
    for (reader, expected) in table {
        let expected: Vec<PostId> = expected.into_iter().map(|n| posts[n].id).collect();
        assert_eq!(ids(&reader.get("/posts").await), expected, "{}", reader.name);
        assert_eq!(ids(&reader.get(&format!("/posts?author={}", ada.id)).await), expected, "{} by author", reader.name);
    }
}

#[tokio::test]
async fn one_authors_posts_are_his_alone() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let hers = some(&app, &ada, 3).await;
    some(&app, &bob, 1).await;
    assert_eq!(pages(&bob, &format!("/posts?author={}&limit=2", ada.id)).await, [&hers[0..2], &hers[2..3]]);
}

#[tokio::test]
async fn a_page_says_what_the_reader_likes_of_it() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let posts = some(&app, &ada, 4).await;
    for liked in [posts[0], posts[2], posts[3]] {
        bob.put(&format!("/posts/{liked}/like"), json!(null)).await.has_status(204);
    }
    ada.put(&format!("/posts/{}/like", posts[1]), json!(null)).await.has_status(204);
    for path in ["/posts?limit=3".to_owned(), format!("/posts?limit=3&author={}", ada.id)] {
        let page = bob.get(&path).await.json();
        let liked: Vec<bool> =
            page["items"].as_array().unwrap().iter().map(|i| i["liked_by_me"].as_bool().unwrap()).collect();
        assert_eq!(liked, [true, false, true], "{path}");
    }
}

/// A page is written straight from its rows, a single post by way of its view: they must say the same.
#[tokio::test]
async fn a_page_says_of_each_post_what_reading_it_says() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let erased = app.user("zoe").await;
    let authors = format!(
        "INSERT INTO authors (user_id, username, full_name, profile_picture_url, avatar_media_id, version, erased_at) VALUES
         ('{}', 'ada', 'Ada \"the\" Lovelace', 'https://x.example/a.png', gen_random_uuid(), 1, NULL),
         ('{}', 'deleted-1234abcd', 'Zoe', NULL, NULL, 1, now())",
        ada.id, erased.id
    );
    execute(&app, &authors).await;
    for (author, body) in [(&ada, "\"Quoted\", back\\slash,\nbreak\tand tab 👋"), (&bob, "Hello"), (&erased, "Bye")] {
        app.clock.advance(SignedDuration::from_micros(1_234_567));
        author.post("/posts", json!({ "body": body, "tags": ["zen", "été"] })).await.has_status(201);
    }
    let newest = ids(&ada.get("/posts").await);
    ada.put(&format!("/posts/{}", newest[2]), json!({ "body": "Edited\u{2028}" })).await.has_status(200);
    bob.put(&format!("/posts/{}/like", newest[0]), json!(null)).await.has_status(204);
    execute(&app, "UPDATE posts SET media_ids = ARRAY[gen_random_uuid(), gen_random_uuid()] WHERE body = 'Hello'")
        .await;
    let page = bob.get("/posts").await.json();
    for (n, id) in newest.iter().enumerate() {
        assert_eq!(page["items"][n], bob.get(&format!("/posts/{id}")).await.json());
    }
}

#[tokio::test]
async fn the_largest_page_has_a_hundred() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    execute(
        &app,
        &format!(
            "INSERT INTO posts (id, author_id, created_at, visibility, body)
         SELECT gen_random_uuid(), '{}', '2026-01-01Z'::timestamptz + n * interval '1 s', 'public', 'Post ' || n
         FROM generate_series(1, 150) n",
            ada.id
        ),
    )
    .await;
    let sizes: Vec<usize> = pages(&bob, "/posts?limit=100").await.iter().map(Vec::len).collect();
    assert_eq!(sizes, [100, 50]);
}
