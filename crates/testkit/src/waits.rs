//! Races whose order a test decides: it goes on when somebody waits for somebody else.

use std::time::{Duration, Instant};

use db::{Db, sql};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Whoever waits for nobody by then never does.
const WITHIN: Duration = Duration::from_secs(10);

const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Until a statement on this database waits for a lock that somebody holds.
pub async fn until_somebody_waits(db: &Db) {
    let begun = Instant::now();
    let mut conn = db.conn().await.unwrap();
    while begun.elapsed() < WITHIN {
        let waiting: i64 = sql::<BigInt>(WAITING).get_result(&mut *conn).await.unwrap();
        if waiting > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody waits for a lock");
}
