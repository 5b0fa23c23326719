//! What a service holds about somebody, on its way to auth in chunks that are never larger than an event may be.
//!
//! A part is files, and a file is text: one document, or a list of rows. However much there is, a chunk and a page of
//! rows are all that is in memory.

use std::collections::BTreeSet;

use contracts::export::{ExportPartReady, ExportRequested};
use contracts::{ExportId, UserId};
use db::{Error, Result, Tx, sql};
use diesel::OptionalExtension;
use diesel::sql_types::{BigInt, Jsonb, Text, Uuid};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;

use crate::is_erased;

/// The most bytes of one event: a relay reads two hundred at once.
const CHUNK: usize = 32 * 1024;
/// Rows of one statement.
const PAGE: i64 = 100;

/// The part of one service in one export.
pub struct Parts {
    export: ExportId,
    service: &'static str,
    asked: i32,
    number: i32,
    file: Option<File>,
    done: BTreeSet<&'static str>,
}

/// A file that is being written.
struct File {
    name: &'static str,
    /// What of it was not sent yet.
    text: String,
    /// How many rows it has so far; none of a document.
    rows: Option<usize>,
}

impl Parts {
    /// The part that `service` is asked for; none where others are, or where the person is erased. An erasure to come
    /// waits until the transaction ends, so that nothing is sent after it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn asked(tx: &mut Tx, service: &'static str, request: &ExportRequested) -> Result<Option<Self>> {
        let asked = request.participants.iter().any(|participant| participant == service);
        if !asked || is_erased(tx, request.user_id).await? {
            return Ok(None);
        }
        Ok(Some(Self {
            export: request.export_id,
            service,
            asked: request.asked,
            number: 0,
            file: None,
            done: BTreeSet::new(),
        }))
    }

    /// Writes `document` as the file `name`.
    ///
    /// # Errors
    /// Those of the database; and where there is such a file already.
    pub async fn document(
        &mut self,
        tx: &mut Tx,
        name: &'static str,
        document: &(impl Serialize + Sync),
    ) -> Result<()> {
        let text = serde_json::to_string_pretty(document).map_err(Error::other)?;
        self.open(tx, name, None).await?;
        self.say(tx, &text).await?;
        self.say(tx, "\n").await
    }

    /// Adds `rows` to the list that is the file `name`. It may be called page by page, and with none to say that there
    /// are none; another file ends it.
    ///
    /// # Errors
    /// Those of the database; and where the file was ended.
    pub async fn rows<T: Serialize + Sync>(&mut self, tx: &mut Tx, name: &'static str, rows: &[T]) -> Result<()> {
        if self.file.as_ref().is_none_or(|file| file.name != name || file.rows.is_none()) {
            self.open(tx, name, Some(0)).await?;
            self.say(tx, "[").await?;
        }
        for row in rows {
            let text = serde_json::to_string(row).map_err(Error::other)?;
            let first = self.count() == 0;
            self.say(tx, if first { "\n" } else { ",\n" }).await?;
            self.say(tx, &text).await?;
        }
        Ok(())
    }

    /// Writes all rows of `text` as the file `name`: a statement that answers a key and a row as JSON, of the account
    /// `$1`, behind the key `$2` (of which there is none at first: an empty text), `$3` at most, in the order of keys. A key
    /// is compared as what it is: as a text no index finds it, and each page reads all rows again.
    ///
    /// ```sql
    /// SELECT t.id::text, to_jsonb(t) - '{secret}'::text[] FROM (
    ///     SELECT * FROM notes
    ///     WHERE user_id = $1 AND id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
    ///     ORDER BY id LIMIT $3) t ORDER BY t.id
    /// ```
    ///
    /// # Errors
    /// Those of the database; and where there is such a file already.
    pub async fn table(&mut self, tx: &mut Tx, user: UserId, name: &'static str, text: &'static str) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = sql::<(Text, Jsonb)>(text).bind::<Uuid, _>(user).bind::<Text, _>(after.clone());
            let page: Vec<(String, Value)> = page.bind::<BigInt, _>(PAGE).load(&mut **tx).await?;
            let full = i64::try_from(page.len()).is_ok_and(|rows| rows >= PAGE);
            if let Some((last, _)) = page.last() {
                after.clone_from(last);
            }
            let rows: Vec<Value> = page.into_iter().map(|(_, row)| row).collect();
            self.rows(tx, name, &rows).await?;
            if !full {
                return Ok(());
            }
        }
    }

    /// Writes the one row that `text` answers, a statement as for [`Parts::table`], as the file `name`; null, if there is
    /// none.
    ///
    /// # Errors
    /// Those of the database; and where there is such a file already.
    pub async fn single(&mut self, tx: &mut Tx, user: UserId, name: &'static str, text: &'static str) -> Result<()> {
        let rows = sql::<(Text, Jsonb)>(text).bind::<Uuid, _>(user).bind::<Text, _>("").bind::<BigInt, _>(1);
        let row: Option<(String, Value)> = rows.get_result(&mut **tx).await.optional()?;
        self.document(tx, name, &row.map(|(_, row)| row)).await
    }

    /// Sends what is left, and that there is no more.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end(mut self, tx: &mut Tx) -> Result<()> {
        if self.file.is_none() {
            self.open(tx, "nothing", Some(0)).await?;
            self.say(tx, "[").await?;
        }
        self.close(tx).await?;
        let Some(file) = self.file.take() else { return Ok(()) };
        self.send(tx, file.name, file.text, true).await
    }

    /// Begins a file, after the one before it.
    async fn open(&mut self, tx: &mut Tx, name: &'static str, rows: Option<usize>) -> Result<()> {
        if !self.done.insert(name) {
            return Err(Error::other(format!("{name} is there already")));
        }
        self.close(tx).await?;
        if let Some(file) = self.file.replace(File { name, text: String::new(), rows }) {
            self.send(tx, file.name, file.text, false).await?;
        }
        Ok(())
    }

    /// Ends the list that is open.
    async fn close(&mut self, tx: &mut Tx) -> Result<()> {
        match self.file.as_ref().and_then(|file| file.rows) {
            None => Ok(()),
            Some(0) => self.say(tx, "]\n").await,
            Some(_) => self.say(tx, "\n]\n").await,
        }
    }

    /// How many rows came before this one.
    fn count(&mut self) -> usize {
        let rows = self.file.as_mut().and_then(|file| file.rows.as_mut());
        rows.map_or(0, |rows| {
            *rows += 1;
            *rows - 1
        })
    }

    /// Adds to the open file, and sends what fills a chunk.
    async fn say(&mut self, tx: &mut Tx, text: &str) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let name = file.name;
        file.text.push_str(text);
        let mut whole = std::mem::take(&mut file.text);
        // What fills a chunk exactly waits: it may be the last.
        while whole.len() > CHUNK {
            let rest = whole.split_off(whole.floor_char_boundary(CHUNK));
            self.send(tx, name, std::mem::replace(&mut whole, rest), false).await?;
        }
        if let Some(file) = &mut self.file {
            file.text = whole;
        }
        Ok(())
    }

    async fn send(&mut self, tx: &mut Tx, file: &'static str, content: String, last: bool) -> Result<()> {
        let part = ExportPartReady {
            export_id: self.export,
            service: self.service.to_owned(),
            asked: self.asked,
            number: self.number,
            file: file.to_owned(),
            content,
            last,
        };
        self.number += 1;
        outbox::emit(tx, &part).await.map(drop)
    }
}
