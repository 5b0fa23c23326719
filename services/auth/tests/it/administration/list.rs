//! GET /auth/users.

use auth::administration::queries::found;
use auth::administration::rules::{Order, Search};
use contracts::Tier;
use db::page::{Key, Page};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::SimpleAsyncConnection;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{because, below};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp};

/// The names on a page, or the refusal.
async fn names(root: &SignedIn, query: &str) -> Vec<String> {
    let page = root.actor.get(&format!("/auth/users?{query}")).await.has_status(200).json();
    page["items"].as_array().unwrap().iter().map(named).collect()
}

fn named(item: &Value) -> String {
    item["email"].as_str().unwrap().split('@').next().unwrap().to_owned()
}

/// ada, bob and eve, made one second after the other, then root; bob alone signs in again.
async fn people(app: &TestApp) -> SignedIn {
    for name in ["eve", "ada", "bob"] {
        app.has_account(name).await;
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let root = app.administers("root").await;
    app.clock.advance(SignedDuration::from_secs(1));
    app.logs_in("bob", PASSWORD).await.has_status(200);
    root
}

#[tokio::test]
async fn rubbish_is_refused() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let long = format!("q={}", "x".repeat(101));
    for (query, pointer) in [
        (long.as_str(), "q"),
        ("q=%00", "q"),
        ("q=a%20b", "q"),
        ("q=a%E2%80%8Bb", "q"),
        ("role=root", "role"),
        ("tier=free", "tier"),
        ("is_active=maybe", "is_active"),
        ("locked=1", "locked"),
        ("created_from=yesterday", "created_from"),
        ("created_to=2026-13-01T00:00:00Z", "created_to"),
        ("sort=password_hash", "sort"),
        ("limit=101", "limit"),
    ] {
        let refused = root.actor.get(&format!("/auth/users?{query}")).await;
        refused.is(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{refused:?}");
    }
    root.actor.get("/auth/users?cursor=made.up").await.is(400, "bad_cursor");
}

#[tokio::test]
async fn what_looks_like_sql_or_a_pattern_is_only_text() {
    let app = TestApp::start().await;
    let root = people(&app).await;
    for query in ["q=%25", "q=_", "q=ad_", "q=a%25", "q=%5C", "q=%27;DROP%20TABLE", "q=%27--"] {
        let answer = root.actor.get(&format!("/auth/users?{query}")).await;
        assert!(answer.status == 422 || answer.json()["items"] == json!([]), "{query}: {answer:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM users").await, 4);
}

#[tokio::test]
async fn accounts_are_found_by_how_their_address_or_name_begins() {
    let app = TestApp::start().await;
    let root = people(&app).await;
    app.execute("UPDATE users SET username = 'a_star' WHERE email = 'eve@example.org'").await;
    assert_eq!(names(&root, "q=AD").await, ["ada"]);
    assert_eq!(names(&root, "q=bob@example").await, ["bob"]);
    assert_eq!(names(&root, "q=a&sort=created_at").await, ["eve", "ada"]);
    assert_eq!(names(&root, "q=a_").await, ["eve"]);
    assert_eq!(names(&root, "q=example").await, [""; 0]);
    assert_eq!(names(&root, "q=").await.len(), 4);
}

#[tokio::test]
async fn filters_let_through_what_they_say() {
    let app = TestApp::start().await;
    let root = people(&app).await;
    app.execute("UPDATE users SET roles = '{user,coach}', tier = 'PREMIUM' WHERE email = 'ada@example.org'").await;
    let eve = root.actor.get("/auth/users?q=eve").await.json()["items"][0]["id"].as_str().unwrap().parse().unwrap();
    root.actor.patch(&below(eve, "deactivate"), because()).await.has_status(200);
    for n in 0..20 {
        let guess = app.enters("bob", "not his password").header("x-forwarded-for", &format!("198.51.{n}.1"));
        guess.await.has_status(401);
    }
    for (query, expected) in [
        ("role=coach", vec!["ada"]),
        ("role=admin", vec!["root"]),
        ("tier=PREMIUM", vec!["ada"]),
        ("is_active=false", vec!["eve"]),
        ("locked=true", vec!["bob"]),
        ("locked=false&sort=email", vec!["ada", "eve", "root"]),
        ("created_from=2026-01-13T09:30:02Z&created_to=2026-01-13T09:30:03Z", vec!["bob"]),
        ("created_from=-005000-01-01T00:00:00Z&role=coach", vec!["ada"]),
        ("created_to=1815-12-10T00:00:00Z", vec![]),
        ("q=b&is_active=true&tier=FREE&role=user&locked=true", vec!["bob"]),
        ("q=b&is_active=false", vec![]),
    ] {
        assert_eq!(names(&root, query).await, expected, "{query}");
    }
    app.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(names(&root, "locked=true").await, [""; 0], "a lock that is over is none");
}

#[tokio::test]
async fn pages_of_every_order_follow_each_other_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let root = people(&app).await;
    for (sort, expected) in [
        ("-created_at", ["root", "bob", "ada", "eve"]),
        ("created_at", ["eve", "ada", "bob", "root"]),
        ("email", ["ada", "bob", "eve", "root"]),
        ("last_login_at", ["eve", "ada", "root", "bob"]),
        ("-last_login_at", ["bob", "root", "ada", "eve"]),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = root.actor.get(&format!("/auth/users?sort={sort}&limit=1{cursor}")).await.has_status(200).json();
            let items = page["items"].as_array().unwrap();
            assert_eq!(items.len(), 1, "{sort}: {page}");
            seen.extend(items.iter().map(named));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            root.actor.get(&format!("/auth/users?sort={sort}&q=a{cursor}")).await.is(400, "bad_cursor");
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

#[tokio::test]
async fn a_list_shows_nobody_what_opens_an_account() {
    let app = TestApp::start().await;
    let root = people(&app).await;
    let page = root.actor.get("/auth/users?q=ada").await;
    insta::assert_json_snapshot!(page.snapshot(), @r#"
    {
      "items": [
        {
          "created_at": "2026-01-13T09:30:01Z",
          "email": "ada@example.org",
          "id": "[id 1]",
          "is_active": true,
          "is_verified": true,
          "last_login_at": null,
          "locked_until": null,
          "roles": [
            "user"
          ],
          "tier": "FREE",
          "username": "ada"
        }
      ],
      "next_cursor": null
    }
    "#);
}

async fn five_thousand(app: &TestApp) {
    app.execute(
        "INSERT INTO users (id, email, locale, roles, tier, created_at, updated_at)
         SELECT gen_random_uuid(), 'u' || n || '@example.org', 'fr', '{user}', 'FREE', '2026-01-01Z', '2026-01-01Z'
             FROM generate_series(1, 5000) n",
    )
    .await;
}

/// A query, to be explained and not run.
struct Explained<Q>(Q);

impl<Q> QueryId for Explained<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Explained<Q> {
    type SqlType = Text;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXPLAIN ");
        self.0.walk_ast(out.reborrow())
    }
}

/// How PostgreSQL would find the page behind somebody, if it had to go by indexes.
async fn plan(app: &TestApp, search: Search) -> String {
    let at = app.clock.now() - SignedDuration::from_hours(1);
    let page = Page { limit: 50, after: Some(Key::at(at, uuid::Uuid::nil())) };
    let mut conn = app.db().conn().await.unwrap();
    // There are no figures of a table that was filled just now: which plans can be made is asked, not which is best.
    conn.batch_execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off").await.unwrap();
    let lines: Vec<String> =
        diesel_async::RunQueryDsl::load(Explained(found(&search, &page)), &mut *conn).await.unwrap();
    conn.batch_execute("RESET ALL").await.unwrap();
    lines.join("\n")
}

#[tokio::test]
async fn an_index_brings_accounts_in_the_order_in_which_they_were_entered() {
    let app = TestApp::start().await;
    five_thousand(&app).await;
    for order in [Order::LongestAway, Order::LastSeen] {
        let plan = plan(&app, Search { order, ..Search::default() }).await;
        assert!(plan.contains("users_last_login_idx") && plan.contains("Index Cond"), "{order:?}: {plan}");
        assert!(!plan.contains("Sort"), "{order:?}: {plan}");
    }
}

#[tokio::test]
async fn an_index_brings_those_who_are_closed_and_those_who_pay() {
    let app = TestApp::start().await;
    five_thousand(&app).await;
    let closed = Search { is_active: Some(false), ..Search::default() };
    let paying = Search { tier: Some(Tier::Premium), ..Search::default() };
    for (search, index) in [(closed, "users_closed_idx"), (paying, "users_premium_idx")] {
        let plan = plan(&app, search).await;
        assert!(plan.contains(index) && !plan.contains("Sort"), "{plan}");
    }
}

#[tokio::test]
async fn an_index_serves_what_begins_so() {
    let app = TestApp::start().await;
    five_thousand(&app).await;
    let explain = "EXPLAIN SELECT id FROM users WHERE email LIKE 'u4321@%' OR username LIKE 'u4321@%'";
    let mut conn = app.db().conn().await.unwrap();
    // There are no figures of a table that was filled just now: which plans can be made is asked, not which is best.
    conn.batch_execute("SET enable_seqscan = off").await.unwrap();
    let plan: Vec<String> = diesel_async::RunQueryDsl::load(db::sql::<Text>(explain), &mut *conn).await.unwrap();
    assert!(plan.iter().any(|line| line.contains("users_email_prefix_idx")), "{plan:#?}");
}
