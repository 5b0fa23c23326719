//! Races whose order a test decides: it goes on when somebody waits for somebody else.

use std::time::{Duration, Instant};

use db::{Db, sql};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Whoever waits for nobody by then never does.
const WITHIN: Duration = Duration::from_secs(10);

const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Until so many statements on this database wait for locks that others hold.
pub async fn until_waiting(db: &Db, many: i64) {
    let begun = Instant::now();
    let mut conn = db.conn().await.unwrap();
    while begun.elapsed() < WITHIN {
        let waiting: i64 = sql::<BigInt>(WAITING).get_result(&mut *conn).await.unwrap();
        if waiting >= many {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("fewer than {many} wait for a lock");
}
