//! gdpr.export.requested.v1.

use contracts::UserId;
use contracts::export::ExportPartReady;
use serde_json::{Value, json};
use testkit::Sent;

use crate::support::{Deeds, TestApp, execute};

const PEOPLE: [Sent; 6] = [
    Sent { file: "author", table: "authors", withheld: &[] },
    Sent { file: "posts", table: "posts", withheld: &[] },
    Sent { file: "revisions", table: "post_revisions", withheld: &[] },
    Sent { file: "comments", table: "comments", withheld: &["path"] },
    Sent { file: "likes", table: "likes", withheld: &[] },
    Sent { file: "repeats", table: "idempotency_keys", withheld: &["request"] },
];

/// Somebody with a row of everything, all of it filled. `n` tells people apart.
async fn whole(app: &TestApp, user: UserId, name: &str, n: u32) {
    let id = format!("01970000-0000-7000-8000-00000000000{n}");
    let at = "2026-01-01Z";
    let rows = format!(
        "INSERT INTO authors VALUES ('{user}', '{name}', '{name} L.', 'https://example.org/{name}', '{id}', 1, '{at}');
         INSERT INTO posts VALUES ('{id}', '{user}', '{at}', '{at}', '{at}', '{at}', 1, 1, 2, 'public', '{{{name}}}',
             '{{{id}}}', 'post of {name}');
         INSERT INTO post_revisions VALUES ('{id}', 1, 'revision of {name}', '{{{name}}}', 'public', '{at}');
         INSERT INTO comments VALUES ('{id}', '{id}', '{user}', '{id}', '{at}', '{at}', '{at}', 1, 0, '{name}',
             'comment of {name}');
         INSERT INTO likes VALUES ('{user}', '{id}', '{at}');
         INSERT INTO idempotency_keys VALUES ('{user}', 'key of {name}', 'digest', '{{\"body\": \"{name}\"}}', '{at}')"
    );
    execute(app, &rows).await;
}

#[tokio::test]
async fn every_column_is_sent_and_nothing_of_others() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    whole(&app, ada.id, "ada", 1).await;
    whole(&app, bob.id, "bob", 2).await;
    let files = app.exports("posts", ada.id).await;
    app.sends_every_column(&files, &PEOPLE, &["jobs"]).await;
    assert!(!format!("{files:?}").contains("bob"), "{files:?}");
}

#[tokio::test]
async fn what_others_said_on_ones_posts_is_theirs() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = ada.has_post(&app, "Hers").await;
    let his = bob.post(&post.url("/comments"), json!({ "body": "His words" })).await.id();
    let hers = ada.has_comment(&post, Some(his)).await;
    bob.likes(&post).await;
    let files = app.exports("posts", ada.id).await;
    assert_eq!(files["posts"][0]["body"], "Hers");
    assert_eq!(files["comments"].as_array().unwrap().len(), 1);
    assert_eq!((&files["comments"][0]["id"], &files["comments"][0]["parent_id"]), (&json!(hers), &json!(his)));
    assert_eq!(files["likes"], json!([]));
    let text = format!("{files:?}");
    assert!(!text.contains("His words") && !text.contains(&bob.id.to_string()), "{text}");
}

#[tokio::test]
async fn somebody_who_wrote_nothing_gets_empty_lists() {
    let (app, ada, _) = TestApp::with_two_users().await;
    let files = app.exports("posts", ada.id).await;
    assert_eq!(files.len(), PEOPLE.len());
    assert_eq!(files["author"], Value::Null);
    assert!(files.iter().filter(|(name, _)| *name != "author").all(|(_, rows)| *rows == json!([])), "{files:?}");
}

#[tokio::test]
async fn much_is_sent_in_small_chunks_each_row_once_and_in_order() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    // More than two pages of rows, of many bytes and of more than one byte a letter, between those of somebody else.
    let rows = format!(
        "INSERT INTO posts (id, author_id, created_at, visibility, body)
         SELECT overlay('01970000-0000-7000-8000-000000000000' placing lpad(n::text, 6, '0') from 31 for 6)::uuid,
             CASE n % 2 WHEN 0 THEN '{}'::uuid ELSE '{}'::uuid END, '2026-01-01Z', 'public', n || ' ' || repeat('é', 5000)
         FROM generate_series(1, 500) n",
        ada.id, bob.id
    );
    execute(&app, &rows).await;
    let files = app.exports("posts", ada.id).await;
    let bodies = files["posts"].as_array().unwrap().iter().map(|post| post["body"].as_str().unwrap().to_owned());
    let expected = (1..=250).map(|n| format!("{} {}", n * 2, "é".repeat(5000)));
    assert!(bodies.eq(expected));
    let chunks = app.emitted_of::<ExportPartReady>().await;
    assert!(chunks.len() > 70, "{}", chunks.len());
    assert!(chunks.iter().all(|chunk| chunk.content.len() <= 32 * 1024));
}

#[tokio::test]
async fn lists_of_many_pages_are_sent_whole_and_in_order() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (hers, his) = (ada.has_post(&app, "Hers").await, bob.has_post(&app, "His").await);
    let rows = format!(
        "INSERT INTO post_revisions SELECT '{0}', n, 'revision ' || n, '{{}}', 'public', '2026-01-01Z'
             FROM generate_series(1, 230) n;
         INSERT INTO comments (id, post_id, author_id, created_at, depth, path, body)
             SELECT gen_random_uuid(), '{1}', '{2}', '2026-01-01Z', 0, ('c' || n)::ltree, 'comment ' || n
             FROM generate_series(1, 230) n;
         INSERT INTO likes SELECT '{2}', gen_random_uuid(), '2026-01-01Z' FROM generate_series(1, 230)",
        hers.id, his.id, ada.id
    );
    execute(&app, &rows).await;
    let files = app.exports("posts", ada.id).await;
    let revisions = files["revisions"].as_array().unwrap().iter().map(|one| one["version"].as_i64().unwrap());
    assert!(revisions.eq(1..=230), "{}", files["revisions"]);
    for (file, key) in [("comments", "id"), ("likes", "post_id")] {
        let keys: Vec<&str> = files[file].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap()).collect();
        assert_eq!(keys.len(), 230, "{file}");
        assert!(keys.is_sorted(), "{file}: {keys:?}");
    }
}
