//! Check that each post's counters are what its likes and comments come to, and put right those that are not.
//!
//! Counters change in the transaction that changes what they count, so a difference is a fault: it is repaired,
//! counted in `posts_counters_repaired_total` and logged.

use contracts::PostId;
use db::{Db, Tx};
use uuid::Uuid;

use super::queries;
use super::rules::Count;

/// Posts looked at in one statement.
const BATCH: i64 = 500;

/// Goes through all posts, a batch at a time; says how many were put right.
pub async fn check_counters(db: &Db) -> db::Result<usize> {
    let (mut after, mut repaired) = (PostId(Uuid::nil()), 0);
    loop {
        let counts = queries::counts(&mut *db.conn().await?, after, BATCH).await?;
        let Some(last) = counts.last() else { return Ok(repaired) };
        after = last.post;
        for wrong in counts.iter().filter(|count| count.is_wrong()) {
            repaired += usize::from(repair(db, wrong).await?);
        }
    }
}

/// Counts once more under the post's lock, and writes what there is.
async fn repair(db: &Db, wrong: &Count) -> db::Result<bool> {
    let repaired = db.tx(async |tx: &mut Tx| queries::recount(tx, wrong.post).await).await?;
    if repaired {
        metrics::counter!("posts_counters_repaired_total").increment(1);
        tracing::error!(
            post.id = %wrong.post, likes.said = wrong.likes_said, likes.counted = wrong.likes,
            comments.said = wrong.comments_said, comments.counted = wrong.comments, "a post's counters were wrong"
        );
    }
    Ok(repaired)
}
