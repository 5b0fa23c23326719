//! Statements, columns, limits and migrations.

use diesel::sql_types::{BigInt, Integer, Text, Timestamptz};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use jiff::Timestamp;

use super::{MIGRATIONS, fixture, fixture_with_things};
use crate::{Error, Ts, is_current, migrate, roll_back_all, sql};

#[tokio::test]
async fn a_statement_is_prepared_once_per_connection() {
    let fixture = fixture("prepared").await;
    let mut conn = fixture.db.conn().await.unwrap();
    for n in 0..4 {
        let sum: i32 = sql::<Integer>("SELECT $1 + $2 + $1")
            .bind::<Integer, _>(n)
            .bind::<Integer, _>(1)
            .get_result(&mut *conn)
            .await
            .unwrap();
        assert_eq!(sum, 2 * n + 1);
    }
    let prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1 +%'";
    let prepared: i64 = sql::<BigInt>(prepared).get_result(&mut *conn).await.unwrap();
    assert_eq!(prepared, 1);
}

#[tokio::test]
async fn places_may_come_in_any_order() {
    let fixture = fixture("order").await;
    let mut conn = fixture.db.conn().await.unwrap();
    let text = sql::<Text>("SELECT concat($3::text, $1::text, $2::text, $1::text)");
    let text = text.bind::<Text, _>("a").bind::<Text, _>("b").bind::<Text, _>("c");
    assert_eq!(text.get_result::<String>(&mut *conn).await.unwrap(), "caba");
}

#[tokio::test]
async fn a_value_without_a_place_is_an_error() {
    let fixture = fixture("places").await;
    let mut conn = fixture.db.conn().await.unwrap();
    for text in ["SELECT 1", "SELECT $1", "SELECT $1 + $2 + $3", "SELECT $1 + $2 + $17", "SELECT $1 + $2 + $"] {
        let twice = sql::<Integer>(text).bind::<Integer, _>(1).bind::<Integer, _>(2);
        let refused = twice.get_result::<i32>(&mut *conn).await;
        assert!(matches!(refused, Err(diesel::result::Error::QueryBuilderError(_))), "{text}: {refused:?}");
    }
}

#[tokio::test]
async fn instants_come_back_as_they_went() {
    let fixture = fixture_with_things("instants").await;
    let mut conn = fixture.db.conn().await.unwrap();
    for text in ["2026-03-29T01:30:00.123456Z", "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"] {
        let at: Timestamp = text.parse().unwrap();
        let shown: (Ts, String) =
            sql::<(Timestamptz, Text)>("SELECT $1, to_char($1, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                .bind::<Timestamptz, _>(Ts(at))
                .get_result(&mut *conn)
                .await
                .unwrap();
        assert_eq!(shown.0, Ts(at));
        assert_eq!(shown.1.parse::<Timestamp>().unwrap(), at);
    }
}

#[tokio::test]
async fn nothing_in_the_way_is_waited_for_long() {
    let fixture = fixture_with_things("in_the_way").await;
    let mut holder = fixture.db.conn().await.unwrap();
    holder.batch_execute("INSERT INTO things (id, name) VALUES (1, 'one')").await.unwrap();
    holder.batch_execute("BEGIN; UPDATE things SET name = 'two'").await.unwrap();
    let mut conn = fixture.db.conn().await.unwrap();
    for statement in ["SELECT pg_sleep(5)", "UPDATE things SET name = 'three'", "SELECT FROM things FOR UPDATE NOWAIT"]
    {
        let busy = conn.batch_execute(statement).await.map_err(Error::from);
        assert!(matches!(busy, Err(Error::Busy(_))), "{statement}: {busy:?}");
    }
    holder.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn migrations_run_once_however_many_try() {
    let fixture = fixture("migrates").await;
    assert!(!is_current(&fixture.db, MIGRATIONS).await.unwrap(), "nothing has run yet");
    let both = tokio::join!(migrate(&fixture.owner, MIGRATIONS), migrate(&fixture.owner, MIGRATIONS));
    both.0.unwrap();
    both.1.unwrap();
    assert!(is_current(&fixture.db, MIGRATIONS).await.unwrap());
    super::execute(&fixture.owner, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101')").await;
    assert!(!is_current(&fixture.db, MIGRATIONS).await.unwrap(), "a newer schema is not known either");
    super::execute(&fixture.owner, "DELETE FROM __diesel_schema_migrations WHERE version = '99990101'").await;
    roll_back_all(&fixture.owner, MIGRATIONS).await.unwrap();
    assert!(!is_current(&fixture.db, MIGRATIONS).await.unwrap());
}

#[tokio::test]
async fn the_service_changes_rows_and_nothing_else() {
    let fixture = fixture("roles").await;
    migrate(&fixture.owner, MIGRATIONS).await.unwrap();
    let mut conn = fixture.db.conn().await.unwrap();
    conn.batch_execute("DELETE FROM idempotency_keys").await.unwrap();
    for statement in ["DROP TABLE idempotency_keys", "CREATE TABLE more ()", "ALTER TABLE idempotency_keys ADD x int"] {
        assert!(conn.batch_execute(statement).await.is_err(), "{statement}");
    }
}
