//! Fills the databases once: 10,000 users, 1 million posts, 10 million likes, 1 million comments.

use std::time::Instant;

use crate::fleet::Fleet;
use crate::people::Person;

/// An id such as the fleet makes (UUIDv7): the time first, so that rows lie in the order in which they were made.
const ID: &str = "CREATE FUNCTION pg_temp.seeded(kind text, n bigint, at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ \
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(kind || n), 1, 3) || '8' || substr(md5(kind || n), 4, 15))::uuid $$";

/// When post `n` was written: one every twenty seconds, the last before summer.
const WRITTEN: &str = "CREATE FUNCTION pg_temp.written(n bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ \
    SELECT '2026-06-01Z'::timestamptz - make_interval(secs => (1000001 - n) * 20) $$";

/// Nobody here was erased, and a lock for each of ten thousand people is more than a transaction may hold: the triggers
/// that ask rest meanwhile. Everybody likes a thousand posts, spread evenly and none of them twice: 997 and a million have no common divisor.
const POSTS: &[&str] = &[
    "ALTER TABLE posts DISABLE TRIGGER USER; ALTER TABLE likes DISABLE TRIGGER USER; ALTER TABLE comments DISABLE TRIGGER USER; \
     ALTER TABLE authors DISABLE TRIGGER USER",
    "CREATE TEMP TABLE seeded_users AS SELECT n, coalesce(p.id, pg_temp.seeded('user', n, '2025-01-01Z')) AS id \
     FROM generate_series(1, 10000) AS n LEFT JOIN seeded_people AS p USING (n)",
    "CREATE TEMP TABLE seeded_posts AS SELECT n, pg_temp.seeded('post', n, pg_temp.written(n)) AS id, pg_temp.written(n) AS at FROM generate_series(1, 1000000) AS n",
    "CREATE TEMP TABLE seeded_likes AS SELECT u.id AS user_id, 1 + (u.n * 104729::bigint + k * 997) % 1000000 AS post \
     FROM seeded_users AS u, generate_series(1, 1000) AS k",
    "INSERT INTO authors (user_id, username, full_name, version) SELECT id, 'banc.' || n, 'Banc ' || n, 1 FROM seeded_users ON CONFLICT DO NOTHING",
    "INSERT INTO posts (id, author_id, created_at, like_count, comment_count, visibility, tags, body) \
     SELECT p.id, u.id, p.at, l.likes, 1, 'public', ARRAY['banc'], repeat('Un billet de taille ordinaire, comme on en lit. ', 4) || p.n \
     FROM seeded_posts AS p JOIN seeded_users AS u ON u.n = 1 + p.n % 10000 JOIN (SELECT post, count(*) AS likes FROM seeded_likes GROUP BY post) AS l ON l.post = p.n ORDER BY p.n",
    "INSERT INTO likes (user_id, post_id, created_at) SELECT l.user_id, p.id, p.at FROM seeded_likes AS l JOIN seeded_posts AS p ON p.n = l.post ORDER BY l.user_id, p.id",
    "INSERT INTO comments (id, post_id, author_id, created_at, depth, path, body) \
     SELECT c.id, p.id, u.id, p.at, 0, replace(c.id::text, '-', '')::ltree, 'Un commentaire.' \
     FROM seeded_posts AS p JOIN seeded_users AS u ON u.n = 1 + (p.n * 7) % 10000, LATERAL (SELECT pg_temp.seeded('comment', p.n, p.at) AS id) AS c ORDER BY p.n",
    "ALTER TABLE posts ENABLE TRIGGER USER; ALTER TABLE likes ENABLE TRIGGER USER; ALTER TABLE comments ENABLE TRIGGER USER; \
     ALTER TABLE authors ENABLE TRIGGER USER",
    "VACUUM (ANALYZE) posts",
    "VACUUM (ANALYZE) likes",
    "VACUUM (ANALYZE) comments",
    "VACUUM (ANALYZE) authors",
];

/// What an earlier run left is cleaned up before, and not during this one: its cost is no request's.
const TIDY: [&str; 6] = [
    "ALTER TABLE posts SET (autovacuum_enabled = off); ALTER TABLE likes SET (autovacuum_enabled = off)",
    "ALTER TABLE outbox SET (autovacuum_enabled = off); ALTER TABLE outbox_sequences SET (autovacuum_enabled = off)",
    "VACUUM (ANALYZE) posts",
    "VACUUM (ANALYZE) outbox",
    "VACUUM (ANALYZE) outbox_sequences",
    "CHECKPOINT",
];

/// Makes the rows, unless an earlier run did.
pub async fn fill(fleet: &Fleet, people: &[Person]) {
    let posts = fleet.sql("post_db").await;
    let there: i64 =
        posts.query_one("SELECT count(*) FROM (SELECT FROM posts LIMIT 1000000) AS p", &[]).await.unwrap().get(0);
    if there < 1_000_000 {
        let begun = Instant::now();
        posts.batch_execute("CREATE TEMP TABLE seeded_people (n integer, id uuid)").await.unwrap();
        for (n, person) in people.iter().enumerate() {
            posts
                .execute("INSERT INTO seeded_people VALUES ($1::int, $2::text::uuid)", &[&(n as i32 + 1), &person.id])
                .await
                .unwrap();
        }
        for statement in [ID, WRITTEN].iter().chain(POSTS) {
            posts.batch_execute(statement).await.unwrap_or_else(|e| panic!("{statement}: {e:?}"));
            println!("seeding: {:.0} s, {}…", begun.elapsed().as_secs_f64(), &statement[..statement.len().min(60)]);
        }
        profiles(fleet).await;
    }
    for statement in TIDY {
        posts.batch_execute(statement).await.unwrap();
    }
}

/// Numbers posts and people, so that a script of pgbench can take one at random.
pub async fn number(fleet: &Fleet, people: &[Person]) {
    let posts = fleet.sql("post_db").await;
    let tables = "DROP TABLE IF EXISTS bench_posts, bench_people; \
                  CREATE TABLE bench_posts AS SELECT row_number() OVER () AS n, id FROM (SELECT id FROM posts ORDER BY md5(id::text)) AS p; \
                  CREATE TABLE bench_people (n integer, id uuid); \
                  ALTER TABLE bench_posts ADD PRIMARY KEY (n); ALTER TABLE bench_people ADD PRIMARY KEY (n)";
    posts.batch_execute(tables).await.unwrap();
    for (n, person) in people.iter().enumerate() {
        posts
            .execute("INSERT INTO bench_people VALUES ($1::int, $2::text::uuid)", &[&(n as i32 + 1), &person.id])
            .await
            .unwrap();
    }
    posts.batch_execute("VACUUM ANALYZE bench_posts").await.unwrap();
}

/// As many profiles as there are authors.
async fn profiles(fleet: &Fleet) {
    let users = fleet.sql("user_db").await;
    users.batch_execute(ID).await.unwrap();
    users.batch_execute("ALTER TABLE user_profiles DISABLE TRIGGER USER").await.unwrap();
    let rows = "INSERT INTO user_profiles (user_id, username, full_name, created_at, updated_at) \
                SELECT pg_temp.seeded('user', n, '2025-01-01Z'), 'banc.' || n, 'Banc ' || n, '2025-01-01Z', '2025-01-01Z' \
                FROM generate_series(65, 10000) AS n ON CONFLICT DO NOTHING";
    users.batch_execute(rows).await.unwrap();
    users.batch_execute("ALTER TABLE user_profiles ENABLE TRIGGER USER").await.unwrap();
    users.batch_execute("VACUUM (ANALYZE) user_profiles").await.unwrap();
}

/// Ids of posts that none of these people likes yet, in no order. Where runs before this one have used too many up, what
/// they liked is unliked first.
pub async fn unliked(fleet: &Fleet, people: &[Person], wanted: i64) -> Vec<String> {
    let posts = fleet.sql("post_db").await;
    let ids: Vec<String> = people.iter().map(|person| person.id.clone()).collect();
    let statement = "SELECT id::text FROM posts WHERE id NOT IN (SELECT post_id FROM likes WHERE user_id = ANY ($1::text[]::uuid[])) \
                     AND deleted_at IS NULL ORDER BY md5(id::text) LIMIT $2";
    let found = async || posts.query(statement, &[&ids, &wanted]).await.unwrap();
    let mut rows = found().await;
    if (rows.len() as i64) < wanted {
        let forget = "WITH gone AS (DELETE FROM likes WHERE user_id = ANY ($1::text[]::uuid[]) RETURNING post_id) \
                      UPDATE posts SET like_count = like_count - each.times \
                      FROM (SELECT post_id, count(*) AS times FROM gone GROUP BY post_id) each WHERE id = each.post_id";
        posts.execute(forget, &[&ids]).await.unwrap();
        posts.batch_execute("VACUUM (ANALYZE) likes, posts").await.unwrap();
        rows = found().await;
    }
    rows.iter().map(|row| row.get(0)).collect()
}
