//! Delete what nobody asks for any more: the answers to idempotency keys of yesterday.

use db::idempotency;

use crate::state::State;

/// Rows deleted in one statement.
const BATCH: i64 = 1_000;

/// Deletes, a batch at a time; says how many.
pub async fn prune(state: &State) -> db::Result<usize> {
    let (now, mut deleted) = (state.clock.now(), 0);
    loop {
        match idempotency::prune(&mut *state.db.conn().await?, now, BATCH).await? {
            0 => return Ok(deleted),
            more => deleted += more,
        }
    }
}
