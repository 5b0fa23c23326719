//! Idempotency keys.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::SimpleAsyncConnection;
use jiff::SignedDuration;
use problem::{Problem, codes};
use uuid::Uuid;

use super::{Fixture, MIGRATIONS, fixture};
use crate::idempotency::{self, Key, Once};
use crate::{Result, Tx, migrate};

/// A creation that counts how often it was made.
struct Maker {
    fixture: Fixture,
    made: AtomicU32,
}

impl Maker {
    async fn new(name: &str) -> Self {
        let fixture = fixture(name).await;
        migrate(&fixture.owner, MIGRATIONS).await.unwrap();
        Self { fixture, made: AtomicU32::new(0) }
    }

    async fn make(&self, key: Option<Key>) -> Result<Once<u32>, Problem> {
        let work = async |_: &mut Tx| -> Result<u32, Problem> { Ok(self.made.fetch_add(1, Ordering::SeqCst)) };
        self.fixture.db.tx(async |tx| idempotency::once(tx, key, work).await).await
    }
}

fn key(user: u128, key: &str, body: &str) -> Option<Key> {
    Some(Key::new(Uuid::from_u128(user), key, "create_thing", &body))
}

fn code(answer: Result<Once<u32>, Problem>) -> &'static str {
    answer.unwrap_err().code().code
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let maker = Maker::new("repeat").await;
    assert_eq!(maker.make(key(1, "k", "a")).await.unwrap(), Once { value: 0, replayed: false });
    assert_eq!(maker.make(key(1, "k", "a")).await.unwrap(), Once { value: 0, replayed: true });
}

#[tokio::test]
async fn keys_are_each_callers_own_and_none_is_no_key() {
    let maker = Maker::new("own_keys").await;
    for (n, key) in [key(1, "k", "a"), key(2, "k", "a"), key(1, "l", "a"), None, None].into_iter().enumerate() {
        assert_eq!(maker.make(key).await.unwrap(), Once { value: u32::try_from(n).unwrap(), replayed: false });
    }
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let maker = Maker::new("mismatch").await;
    maker.make(key(1, "k", "a")).await.unwrap();
    assert_eq!(code(maker.make(key(1, "k", "b")).await), codes::IDEMPOTENCY_MISMATCH.code);
}

#[tokio::test]
async fn a_key_is_kept_for_a_day_by_the_clock_and_not_by_a_clock_that_travelled_back() {
    let maker = Maker::new("kept").await;
    maker.make(key(1, "k", "a")).await.unwrap();
    maker.fixture.clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_micros(1));
    assert!(maker.make(key(1, "k", "a")).await.unwrap().replayed);
    maker.fixture.clock.advance(SignedDuration::from_micros(1));
    assert!(!maker.make(key(1, "k", "b")).await.unwrap().replayed, "a day later it is free");
    maker.fixture.clock.advance(-SignedDuration::from_hours(1));
    assert!(!maker.make(key(1, "k", "c")).await.unwrap().replayed, "what is dated ahead of the clock holds nobody");
}

#[tokio::test]
async fn a_failed_creation_leaves_the_key_free() {
    let maker = Maker::new("failed").await;
    let fails = async |_: &mut Tx| -> Result<u32, Problem> { Err(Problem::new(&codes::FORBIDDEN)) };
    let failed = maker.fixture.db.tx(async |tx| idempotency::once(tx, key(1, "k", "a"), fails).await).await;
    assert_eq!(code(failed), "forbidden");
    assert!(!maker.make(key(1, "k", "a")).await.unwrap().replayed);
}

#[tokio::test]
async fn a_repeat_that_overtakes_its_first_is_refused() {
    let maker = Maker::new("running").await;
    let (begun, told) = tokio::sync::oneshot::channel();
    let (end, ended) = tokio::sync::oneshot::channel();
    let slow = maker.fixture.db.tx(async |tx| {
        let work = async |_: &mut Tx| -> Result<u32, Problem> {
            begun.send(()).unwrap();
            ended.await.unwrap();
            Ok(7)
        };
        idempotency::once(tx, key(1, "k", "a"), work).await
    });
    let repeat = async {
        told.await.unwrap();
        let answer = maker.make(key(1, "k", "a")).await;
        end.send(()).unwrap();
        answer
    };
    let (first, repeat) = tokio::join!(slow, repeat);
    assert_eq!(code(repeat), codes::IDEMPOTENCY_RUNNING.code);
    assert_eq!(first.unwrap().value, 7);
    assert_eq!(maker.make(key(1, "k", "a")).await.unwrap(), Once { value: 7, replayed: true });
}

#[tokio::test]
async fn answers_that_are_no_longer_kept_are_deleted_in_batches() {
    let maker = Maker::new("pruned").await;
    for n in 0..5 {
        maker.make(key(n, "k", "a")).await.unwrap();
    }
    maker.fixture.clock.advance(SignedDuration::from_hours(25));
    maker.make(key(9, "k", "a")).await.unwrap();
    let mut conn = maker.fixture.db.conn().await.unwrap();
    let now = maker.fixture.clock.now();
    assert_eq!(idempotency::prune(&mut conn, now, 3).await.unwrap(), 3);
    assert_eq!(idempotency::prune(&mut conn, now, 3).await.unwrap(), 2);
    assert_eq!(idempotency::prune(&mut conn, now, 3).await.unwrap(), 0);
    conn.batch_execute("DELETE FROM idempotency_keys").await.unwrap();
}
