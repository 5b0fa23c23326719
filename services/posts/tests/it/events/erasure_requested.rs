//! gdpr.erasure.requested.v1.

use std::collections::BTreeMap;

use contracts::gdpr::{ErasureConfirmed, ErasureRequested};
use contracts::users::ProfileUpdated;
use contracts::{ErasureId, Event, PostId, UserId};
use diesel::sql_types::BigInt;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use outbox::Taken;
use posts::jobs::check_counters::check_counters;
use serde_json::{Value, json};

use crate::support::{Deeds, TestApp};

fn asked(app: &TestApp, user_id: UserId) -> ErasureRequested {
    let erasure_id = ErasureId::at(app.clock.now());
    ErasureRequested { erasure_id, user_id, participants: vec!["posts".into()], ..ErasureRequested::sample() }
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    db::sql::<BigInt>(statement).get_result(&mut *app.db().conn().await.unwrap()).await.unwrap()
}

fn profile(user_id: UserId, version: i64) -> ProfileUpdated {
    ProfileUpdated { user_id, version, ..ProfileUpdated::sample() }
}

#[tokio::test]
async fn a_late_profile_brings_no_author_back() {
    let (app, ada, _) = TestApp::with_two_users().await;
    app.deliver(&profile(ada.id, 1)).await.unwrap();
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    assert_eq!(app.deliver(&profile(ada.id, 2)).await, Ok(Taken::Now));
    assert_eq!(count(&app, "SELECT count(*) FROM authors").await, 0);
    assert_eq!(count(&app, "SELECT count(*) FROM inbox_sequences").await, 0, "not even that it came is kept");
}

#[tokio::test]
async fn a_token_that_still_lives_writes_comments_and_likes_nothing() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let post = bob.has_post(&app, "Hello").await;
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    let mark = app.mark().await;
    ada.post("/posts", json!({ "body": "Still here" })).await.is(401, "token_revoked");
    ada.post(&post.url("/comments"), json!({ "body": "Still here" })).await.is(401, "token_revoked");
    ada.put(&post.url("/like"), Value::Null).await.is(401, "token_revoked");
    app.emitted_nothing_since(mark).await;
    let shown = bob.get(&post.url("")).await.json();
    assert_eq!((&shown["like_count"], &shown["comment_count"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn an_erasure_and_whoever_writes_wait_for_each_other() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    for round in 0..10 {
        let eve = app.user(&format!("eve{round}")).await;
        let (hers, his) = (ada.has_post(&app, "Hers").await, bob.has_post(&app, "His").await);
        let (asked, like, comment) = (asked(&app, eve.id), hers.url("/like"), his.url("/comments"));
        let profile = profile(eve.id, 1);
        let (erased, copied, ..) = futures_util::join!(
            app.deliver(&asked),
            app.deliver(&profile),
            eve.post("/posts", json!({ "body": "Race" })).into_future(),
            eve.put(&like, Value::Null).into_future(),
            eve.post(&comment, json!({ "body": "Race" })).into_future(),
        );
        assert_eq!((erased, copied), (Ok(Taken::Now), Ok(Taken::Now)));
        for table in [
            "SELECT count(*) FROM authors",
            "SELECT count(*) FROM posts WHERE body = 'Race'",
            "SELECT count(*) FROM likes",
            "SELECT count(*) FROM comments",
        ] {
            assert_eq!(count(&app, table).await, 0, "{table}");
        }
    }
    assert_eq!(check_counters(app.db()).await.unwrap(), 0);
}

#[tokio::test]
async fn his_posts_go_with_what_others_said_and_his_words_with_others_leave_an_empty_place() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    app.deliver(&profile(ada.id, 1)).await.unwrap();
    let (hers, his) = (ada.has_post(&app, "Hers").await, bob.has_post(&app, "His").await);
    ada.put(&hers.url(""), json!({ "body": "Hers, edited" })).await.has_status(200);
    bob.likes(&hers).await;
    bob.has_comment(&hers, None).await;
    ada.likes(&his).await;
    bob.likes(&his).await;
    let answered = ada.has_comment(&his, None).await;
    let own = ada.has_comment(&his, Some(answered)).await;
    ada.has_comment(&his, Some(own)).await;
    let answer = bob.has_comment(&his, Some(answered)).await;
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    bob.get(&hers.url("")).await.is(404, "not_found");
    let shown = bob.get(&his.url("")).await.json();
    assert_eq!((&shown["like_count"], &shown["comment_count"]), (&json!(1), &json!(1)));
    let thread = bob.get(&his.url("/comments")).await.json()["items"].clone();
    let ids: Vec<_> = thread.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!(answered), json!(answer)], "nobody answered the others");
    assert_eq!((&thread[0]["deleted"], &thread[0]["author"]), (&json!(true), &Value::Null));
    assert_eq!(
        count(&app, "SELECT count(*) FROM comments WHERE author_id = '00000000-0000-0000-0000-000000000000'").await,
        1
    );
    assert_eq!(check_counters(app.db()).await.unwrap(), 0, "the counters are right");
    let receipt = app.emitted_of::<ErasureConfirmed>().await.pop().unwrap();
    let counts = [
        ("authors", 1),
        ("comments", 3),
        ("comments_on_posts", 1),
        ("kept_answers", 0),
        ("likes", 1),
        ("likes_of_posts", 1),
        ("posts", 1),
        ("revisions", 1),
    ];
    assert_eq!(receipt.counts, BTreeMap::from(counts.map(|(what, rows)| (what.to_owned(), rows))));
}

#[tokio::test]
async fn what_he_had_deleted_himself_is_erased_as_well() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let (hers, his) = (ada.has_post(&app, "Hers").await, bob.has_post(&app, "His").await);
    let comment = ada.has_comment(&his, None).await;
    bob.has_comment(&his, Some(comment)).await;
    ada.delete(&format!("/comments/{comment}")).await.has_status(204);
    ada.delete(&hers.url("")).await.has_status(204);
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    bob.get(&hers.url("")).await.is(404, "not_found");
    assert_eq!(bob.get(&his.url("")).await.json()["comment_count"], 1);
    assert_eq!(count(&app, "SELECT count(*) FROM comments WHERE deleted_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn no_row_names_him_but_the_tombstone() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    app.deliver(&profile(ada.id, 1)).await.unwrap();
    let (hers, his) = (ada.has_post(&app, "Hers").await, bob.has_post(&app, "His").await);
    let body = json!({ "body": "Once" });
    ada.post("/posts", body).header("idempotency-key", "one").await.has_status(201);
    bob.post(&hers.url("/comments"), json!({ "body": "Once" })).header("idempotency-key", "one").await.has_status(201);
    ada.likes(&his).await;
    let event = app.envelope(&asked(&app, ada.id));
    app.deliver_envelope(&event).await.unwrap();
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    let found = testkit::found_in(app.db(), &[&ada.id.to_string(), "Ada Lovelace"]).await;
    assert_eq!(found, ["erased_subjects.user_id"]);
}

#[tokio::test]
async fn asked_again_it_answers_the_same_receipt() {
    let (app, ada, _) = TestApp::with_two_users().await;
    ada.has_post(&app, "Hers").await;
    let asked = asked(&app, ada.id);
    app.deliver(&asked).await.unwrap();
    app.deliver(&asked).await.unwrap();
    let receipts = app.emitted_of::<ErasureConfirmed>().await;
    assert_eq!((receipts.len(), &receipts[0]), (2, &receipts[1]));
    assert_eq!(receipts[0].counts["posts"], 1);
}

#[tokio::test]
async fn others_like_and_comment_while_an_erasure_reads_all_that_is_kept() {
    for kept in ["outbox WHERE aggregate = '{post}'", "idempotency_keys"] {
        let (app, ada, bob) = TestApp::with_two_users().await;
        let his = bob.has_post(&app, "His").await;
        let body = json!({ "body": "Hers" });
        let hers = ada.post("/posts", body).header("idempotency-key", "one").await.has_status(201).id::<PostId>();
        ada.likes(&his).await;
        ada.has_comment(&his, None).await;
        let mut holder = app.db().conn().await.unwrap();
        let hold = format!("BEGIN; SELECT FROM {} FOR UPDATE", kept.replace("{post}", &hers.to_string()));
        holder.batch_execute(&hold).await.unwrap();
        let asked = asked(&app, ada.id);
        let meanwhile = async {
            testkit::until_waiting(app.db(), 1).await;
            bob.likes(&his).await;
            bob.has_comment(&his, None).await;
            // What is told of her so late is forgotten as well.
            bob.put(&format!("/posts/{hers}/like"), Value::Null).await.has_status(204);
            holder.batch_execute("ROLLBACK").await.unwrap();
        };
        let (erased, ()) = futures_util::join!(app.deliver(&asked), meanwhile);
        assert_eq!(erased, Ok(Taken::Now), "{kept}");
        assert_eq!(testkit::found_in(app.db(), &[&ada.id.to_string()]).await, ["erased_subjects.user_id"], "{kept}");
        assert_eq!(check_counters(app.db()).await.unwrap(), 0, "{kept}");
    }
}

#[tokio::test]
async fn likes_of_posts_that_are_no_more_do_not_end_it_early() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let his = bob.has_post(&app, "His").await;
    ada.likes(&his).await;
    // Their ids come before that of his post, and are more than one step takes.
    let orphans = format!(
        "INSERT INTO likes SELECT '{}', overlay(gen_random_uuid()::text placing '00000000' from 1 for 8)::uuid,
             '2026-01-01Z' FROM generate_series(1, 2100)",
        ada.id
    );
    crate::support::execute(&app, &orphans).await;
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    assert_eq!(count(&app, "SELECT count(*) FROM likes").await, 0);
    assert_eq!(app.emitted_of::<ErasureConfirmed>().await[0].counts["likes"], 2101);
    assert_eq!(bob.get(&his.url("")).await.json()["like_count"], 0);
}

#[tokio::test]
async fn of_many_posts_comments_and_likes_every_one_goes() {
    let (app, ada, bob) = TestApp::with_two_users().await;
    let his = bob.has_post(&app, "His").await;
    let many = format!(
        "INSERT INTO posts (id, author_id, created_at, visibility, body)
             SELECT gen_random_uuid(), CASE n % 2 WHEN 0 THEN '{0}'::uuid ELSE '{1}'::uuid END, '2026-01-01Z', 'public', 'x'
             FROM generate_series(1, 4400) n;
         INSERT INTO likes SELECT '{0}', id, '2026-01-01Z' FROM posts WHERE author_id = '{1}';
         UPDATE posts SET like_count = 1 WHERE author_id = '{1}';
         INSERT INTO comments (id, post_id, author_id, created_at, depth, path, body)
             SELECT gen_random_uuid(), '{2}', '{0}', '2026-01-01Z', 0, ('c' || n)::ltree, 'x' FROM generate_series(1, 2100) n;
         UPDATE posts SET comment_count = 2100 WHERE id = '{2}'",
        ada.id, bob.id, his.id
    );
    crate::support::execute(&app, &many).await;
    app.deliver(&asked(&app, ada.id)).await.unwrap();
    let receipt = app.emitted_of::<ErasureConfirmed>().await.pop().unwrap();
    let counted = ["posts", "likes", "comments"].map(|what| receipt.counts[what]);
    assert_eq!(counted, [2200, 2201, 2100]);
    assert_eq!(testkit::found_in(app.db(), &[&ada.id.to_string()]).await, ["erased_subjects.user_id"]);
    assert_eq!(check_counters(app.db()).await.unwrap(), 0);
}
