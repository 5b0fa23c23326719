//! A creating request that is sent twice creates once.
//!
//! The answer is stored under the caller's key in the transaction that creates, so it is there exactly when what it
//! speaks of is. A repeat gets it back; while the first still runs it is refused (409), and so is the same key with
//! another request (422). Each database has the table of [`MIGRATION`]. Start with [`once`].

use aws_lc_rs::digest;
use diesel::sql_types::{BigInt, Binary, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::{SignedDuration, Timestamp};
use problem::{Problem, codes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, Error, Ts, Tx, sql};

/// The migration that a service copies: up and down.
pub const MIGRATION: [&str; 2] = [
    include_str!("../migrations/2026-01-01-000001_idempotency_keys/up.sql"),
    include_str!("../migrations/2026-01-01-000001_idempotency_keys/down.sql"),
];

/// How long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A caller's key, and what it was sent with.
#[derive(Clone, Debug)]
pub struct Key {
    user: Uuid,
    key: String,
    request: Vec<u8>,
}

/// What a creating transaction made, now or the first time.
#[derive(Clone, Debug, PartialEq)]
pub struct Once<T> {
    /// The answer.
    pub value: T,
    /// Whether an earlier request made it.
    pub replayed: bool,
}

impl Key {
    /// `user`'s key for the operation named `operation` with this body.
    pub fn new(user: Uuid, key: &str, operation: &str, body: &impl Serialize) -> Self {
        let mut request = digest::Context::new(&digest::SHA256);
        request.update(operation.as_bytes());
        request.update(&serde_json::to_vec(body).unwrap_or_default());
        Self { user, key: key.to_owned(), request: request.finish().as_ref().to_vec() }
    }

    /// The same, where the request names a key at all.
    pub fn given(user: Uuid, key: Option<&str>, operation: &str, body: &impl Serialize) -> Option<Self> {
        key.map(|key| Self::new(user, key, operation, body))
    }

    /// The advisory lock of whoever is at work under this key.
    fn lock(&self) -> i64 {
        let name = digest::digest(&digest::SHA256, format!("idempotency {} {}", self.user, self.key).as_bytes());
        name.as_ref().first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
    }
}

/// Runs `work` unless `key` has been answered, and stores its answer. Without a key it just runs.
pub async fn once<T, E, F>(tx: &mut Tx, key: Option<Key>, work: F) -> Result<Once<T>, E>
where
    F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
    T: Serialize + DeserializeOwned,
    E: From<Error> + From<Problem>,
{
    let Some(key) = key else {
        return Ok(Once { value: work(tx).await?, replayed: false });
    };
    if let Some(answer) = earlier_answer(tx, &key).await? {
        let value = serde_json::from_value(answer).map_err(Error::other)?;
        return Ok(Once { value, replayed: true });
    }
    let value = work(tx).await?;
    store(tx, &key, serde_json::to_value(&value).map_err(Error::other)?).await?;
    Ok(Once { value, replayed: false })
}

/// Deletes up to `most` answers that are no longer kept; says how many.
pub async fn prune(conn: &mut Connection, now: Timestamp, most: i64) -> Result<usize, Error> {
    const PRUNE: &str = "DELETE FROM idempotency_keys WHERE (user_id, key) IN
        (SELECT user_id, key FROM idempotency_keys WHERE created_at <= $1 LIMIT $2)";
    let oldest = Ts(now - KEPT);
    let deleted = sql::<()>(PRUNE).bind::<Timestamptz, _>(oldest).bind::<BigInt, _>(most).execute(conn).await?;
    Ok(deleted)
}

async fn earlier_answer(tx: &mut Tx, key: &Key) -> Result<Option<Value>, Problem> {
    const CLAIM: &str = "SELECT pg_try_advisory_xact_lock($1), k.request, k.answer, k.created_at
        FROM (SELECT) one LEFT JOIN idempotency_keys k ON k.user_id = $2 AND k.key = $3";
    type Row = (Bool, Nullable<Binary>, Nullable<Jsonb>, Nullable<Timestamptz>);
    let claim = sql::<Row>(CLAIM).bind::<BigInt, _>(key.lock()).bind::<SqlUuid, _>(key.user);
    let claim = claim.bind::<Text, _>(&key.key).get_result(&mut **tx).await;
    let (claimed, request, answer, at): (bool, Option<Vec<u8>>, Option<Value>, Option<Ts>) =
        claim.map_err(Error::from)?;
    let kept = at.is_some_and(|at| clock::is_within(tx.now(), at.0, KEPT));
    match (request, answer) {
        (Some(request), Some(answer)) if kept => {
            if request == key.request {
                Ok(Some(answer))
            } else {
                Err(Problem::new(&codes::IDEMPOTENCY_MISMATCH))
            }
        }
        _ if !claimed => Err(running()),
        _ => Ok(None),
    }
}

/// Another request may have finished between our look and our lock: its row is younger than any that may be replaced.
async fn store(tx: &mut Tx, key: &Key, answer: Value) -> Result<(), Problem> {
    const STORE: &str = "INSERT INTO idempotency_keys AS k (user_id, key, request, answer, created_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, key) DO UPDATE
        SET request = excluded.request, answer = excluded.answer, created_at = excluded.created_at
        WHERE k.created_at <= $6 OR k.created_at > $5";
    let now = tx.now();
    let store = sql::<()>(STORE).bind::<SqlUuid, _>(key.user).bind::<Text, _>(&key.key);
    let store = store.bind::<Binary, _>(&key.request).bind::<Jsonb, _>(answer).bind::<Timestamptz, _>(Ts(now));
    let stored = store.bind::<Timestamptz, _>(Ts(now - KEPT)).execute(&mut **tx).await.map_err(Error::from)?;
    if stored == 1 { Ok(()) } else { Err(running()) }
}

fn running() -> Problem {
    Problem::new(&codes::IDEMPOTENCY_RUNNING).header("retry-after", 1)
}
