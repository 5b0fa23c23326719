//! Looking for somebody in a whole database.

use db::{Db, sql};
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text
    FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2";

/// The columns, as `table.column`, of which some row says one of these words, whatever is stored there and however it
/// is spelt.
pub async fn found_in(db: &Db, words: &[&str]) -> Vec<String> {
    let mut conn = db.conn().await.unwrap();
    let columns: Vec<(String, String, String)> = sql::<(Text, Text, Text)>(COLUMNS).load(&mut *conn).await.unwrap();
    let mut found = Vec::new();
    for (table, column, kind) in columns {
        let text = if kind == "bytea" { format!("encode({column:?}, 'escape')") } else { format!("{column:?}::text") };
        let says = words.iter().map(|word| format!("strpos(lower({text}), lower('{}')) > 0", word.replace('\'', "''")));
        let says = says.collect::<Vec<_>>().join(" OR ");
        // Statements are prepared by their text, which has to live as long as the process: a test's does not live long.
        let count = String::leak(format!("SELECT count(*) FROM {table:?} WHERE {says}"));
        let rows: i64 = sql::<BigInt>(count).get_result(&mut *conn).await.unwrap();
        if rows > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}
