//! What a service sends of somebody who wants all that is held about him, and whether that is all.

use std::collections::{BTreeMap, BTreeSet};

use contracts::export::{ExportPartReady, ExportRequested};
use contracts::{ExportId, UserId};
use db::sql;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use outbox::Taken;
use serde_json::Value;

use crate::{Subject, TestApp};

/// Tables of the crates: they name people only on the way, or by an id that nobody has any more.
const OF_CRATES: [&str; 6] =
    ["__diesel_schema_migrations", "erased_subjects", "inbox", "inbox_sequences", "outbox", "outbox_sequences"];

const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text
    FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'";

/// The longest chunk that a service may send, in bytes.
const LONGEST: usize = 256 * 1024;

/// What was sent, by the name of the file.
pub type Files = BTreeMap<String, Value>;

/// A table with rows about people: the file that they are sent in, and the columns that are not.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The file.
    pub file: &'static str,
    /// The table.
    pub table: &'static str,
    /// What stays here.
    pub withheld: &'static [&'static str],
}

impl<S: Subject> TestApp<S> {
    /// What the service `service` sends of `user`, asked for the first time.
    pub async fn exports(&self, service: &str, user: UserId) -> Files {
        let export_id = ExportId::at(self.clock.now());
        let participants = vec!["others".into(), service.to_owned()];
        let request = ExportRequested { export_id, user_id: user, asked: 1, participants };
        assert_eq!(self.deliver(&request).await, Ok(Taken::Now));
        let parts = self.emitted_of::<ExportPartReady>().await;
        let parts: Vec<_> = parts.into_iter().filter(|part| part.export_id == export_id).collect();
        files(&parts, service)
    }

    /// All columns of all tables are sent but those that are withheld, and those of tables `without` people. Of each
    /// there has to be a value in what was sent.
    pub async fn sends_every_column(&self, files: &Files, sent: &[Sent], without: &[&str]) {
        let mut conn = self.db().conn().await.unwrap();
        let columns: Vec<(String, String)> = sql::<(Text, Text)>(COLUMNS).load(&mut *conn).await.unwrap();
        let mut missing = Vec::new();
        for (table, column) in columns.iter().filter(|(table, _)| !known(table, without)) {
            let Some(sent) = sent.iter().find(|sent| sent.table == table) else {
                missing.push(format!("{table}: neither sent nor without people"));
                continue;
            };
            let there = values(files.get(sent.file)).iter().any(|row| row.get(column).is_some_and(|v| !v.is_null()));
            if there == sent.withheld.contains(&column.as_str()) {
                let what = if there { "is sent and should not be" } else { "is not sent, or empty in this test" };
                missing.push(format!("{table}.{column} {what}"));
            }
        }
        assert!(missing.is_empty(), "{missing:#?}\n{files:#?}");
        let tables: BTreeSet<&str> = columns.iter().map(|(table, _)| table.as_str()).collect();
        let gone = sent.iter().filter(|sent| !tables.contains(sent.table)).count();
        assert_eq!((gone, files.len()), (0, sent.len()), "a file of no table, or a table that is no more");
    }
}

fn known(table: &str, without: &[&str]) -> bool {
    OF_CRATES.contains(&table) || without.contains(&table)
}

/// The rows of a file: one, or several.
fn values(file: Option<&Value>) -> Vec<&Value> {
    match file {
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(row) => vec![row],
        None => Vec::new(),
    }
}

/// The files of these chunks, which have to be a whole part in its order.
fn files(parts: &[ExportPartReady], service: &str) -> Files {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (number, part) in parts.iter().enumerate() {
        let last = number + 1 == parts.len();
        assert_eq!((part.service.as_str(), part.asked, part.last), (service, 1, last), "{part:?}");
        assert_eq!(usize::try_from(part.number).unwrap(), number);
        assert!(part.content.len() <= LONGEST, "{} bytes", part.content.len());
        texts.entry(part.file.clone()).or_default().push_str(&part.content);
    }
    assert!(!texts.is_empty(), "{service} sent nothing");
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|e| panic!("no JSON ({e}): {text}"));
    texts.into_iter().map(|(file, text)| (file, read(&text))).collect()
}
