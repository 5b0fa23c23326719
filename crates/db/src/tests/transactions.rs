//! What is committed, what is not, and what a refusal is called.

use diesel::sql_types::{BigInt, Integer, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use problem::{Code, Problem, Text as Words, codes};

use super::{Fixture, fixture_with_things};
use crate::{Connection, Error, OnConstraint, Result, Tx, Violation, sql};

const TAKEN: Code = Code::new("name_taken", 409, Words::new("Pris", "Taken"), Words::new("", ""));

async fn insert(conn: &mut Connection, id: i32, name: &str) -> Result<usize> {
    let insert = sql::<()>("INSERT INTO things (id, name) VALUES ($1, $2)");
    Ok(insert.bind::<Integer, _>(id).bind::<Text, _>(name).execute(conn).await?)
}

async fn count(fixture: &Fixture) -> i64 {
    let mut conn = fixture.db.conn().await.unwrap();
    sql::<BigInt>("SELECT count(*) FROM things").get_result(&mut *conn).await.unwrap()
}

#[tokio::test]
async fn what_answers_ok_is_committed() {
    let fixture = fixture_with_things("commits").await;
    let now = fixture.db.tx(async |tx| -> Result<_> {
        insert(tx, 1, "one").await?;
        Ok(tx.now())
    });
    assert_eq!(now.await.unwrap(), fixture.clock.now());
    assert_eq!(count(&fixture).await, 1);
}

#[tokio::test]
async fn what_answers_an_error_is_rolled_back() {
    let fixture = fixture_with_things("rolls_back").await;
    let refused = fixture.db.tx(async |tx| -> Result<(), Problem> {
        insert(tx, 1, "one").await?;
        Err(Problem::new(&codes::FORBIDDEN))
    });
    assert_eq!(refused.await.unwrap_err().status(), 403);
    assert_eq!(count(&fixture).await, 0);
}

#[tokio::test]
async fn a_failure_that_is_shrugged_off_is_no_commit() {
    let fixture = fixture_with_things("shrugs").await;
    let shrugged = fixture.db.tx(async |tx| -> Result<()> {
        insert(tx, 1, "one").await?;
        insert(tx, 1, "one again").await.ok();
        Ok(())
    });
    assert!(shrugged.await.is_err(), "the first insert is gone, so this was not well");
    assert_eq!(count(&fixture).await, 0);
    assert!(fixture.db.conn().await.unwrap().batch_execute("SELECT 1").await.is_ok());
}

#[tokio::test]
async fn a_transaction_that_is_dropped_holds_nobody_up() {
    let fixture = fixture_with_things("dropped").await;
    fixture.db.tx(async |tx| insert(tx, 1, "one").await).await.unwrap();
    let others = (fixture.db.conn().await.unwrap(), fixture.db.conn().await.unwrap());
    let (locked, told) = tokio::sync::oneshot::channel();
    let dropped = fixture.db.tx(async |tx: &mut Tx| -> Result<()> {
        tx.batch_execute("UPDATE things SET name = 'mine' WHERE id = 1").await?;
        locked.send(()).unwrap();
        std::future::pending().await
    });
    tokio::select! {
        _ = dropped => unreachable!("it waits for ever"),
        told = told => told.unwrap(),
    }
    drop(others);
    let again = fixture.db.conn().await.unwrap();
    let next = fixture.db.tx(async |tx: &mut Tx| -> Result<()> {
        Ok(tx.batch_execute("UPDATE things SET name = 'yours' WHERE id = 1 AND name = 'one'").await?)
    });
    next.await.expect("the lock is free before lock_timeout");
    drop(again);
}

#[tokio::test]
async fn a_refusal_names_its_constraint() {
    let fixture = fixture_with_things("constraints").await;
    let mut conn = fixture.db.conn().await.unwrap();
    insert(&mut conn, 1, "one").await.unwrap();
    let table = [
        ("INSERT INTO things (id, name) VALUES (1, 'two')", "things_pkey", Violation::Unique),
        ("INSERT INTO things (id, name) VALUES (2, 'one')", "things_name_key", Violation::Unique),
        ("INSERT INTO things (id, name) VALUES (2, '')", "things_name_check", Violation::Check),
        ("INSERT INTO things (id) VALUES (2)", "name", Violation::NotNull),
        ("INSERT INTO parts (thing) VALUES (9)", "parts_thing_fkey", Violation::Reference),
    ];
    for (statement, expected_name, expected_kind) in table {
        let refused = sql::<()>(statement).execute(&mut *conn).await.map_err(Error::from);
        match refused {
            Err(Error::Constraint { name, kind }) => assert_eq!((name.as_str(), kind), (expected_name, expected_kind)),
            other => panic!("{statement}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_named_constraint_becomes_the_refusal_it_stands_for() {
    let fixture = fixture_with_things("on_constraint").await;
    let mut conn = fixture.db.conn().await.unwrap();
    insert(&mut conn, 1, "one").await.unwrap();
    let refused = insert(&mut conn, 2, "one").await.on_constraint("things_name_key", &TAKEN).unwrap_err();
    assert_eq!(refused.code(), &TAKEN);
    let other = insert(&mut conn, 1, "two").await.on_constraint("things_name_key", &TAKEN).unwrap_err();
    assert_eq!(other.code(), &codes::CONFLICT);
}

#[test]
fn errors_are_refusals_of_their_kind() {
    let table = [
        (Error::Missing, 404),
        (Error::Constraint { name: "x".into(), kind: Violation::Unique }, 409),
        (Error::Busy("full".into()), 503),
        (Error::other("broken"), 500),
    ];
    for (error, status) in table {
        assert_eq!(Problem::from(error).status(), status);
    }
    let busy = Problem::from(Error::Busy("full".into()));
    assert_eq!(busy.headers(), [("retry-after", "1".to_owned())]);
}

/// Consumers and jobs run on many threads.
#[test]
fn a_transaction_may_move_between_threads() {
    fn may_move<F: Future + Send>(future: F) -> F {
        future
    }
    async fn rename(db: &crate::Db, names: &[String]) -> Result<(), Problem> {
        db.tx(async |tx| -> Result<(), Problem> {
            for name in names {
                insert(tx, 1, name).await?;
            }
            Ok(())
        })
        .await
    }
    let _checked = |db| drop(may_move(rename(db, &[])));
}
