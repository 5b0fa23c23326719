//! Every SQL of entries.

use contracts::UserId;
use db::{Connection, Result, Tx};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::row::EntryRow;
use crate::schema::entries;

/// Writes an entry.
pub async fn insert(tx: &mut Tx, entry: EntryRow) -> Result<EntryRow> {
    let insert = diesel::insert_into(entries::table).values(entry).returning(EntryRow::as_returning());
    Ok(insert.get_result(&mut **tx).await?)
}

/// An entry of this owner.
pub async fn of_owner(conn: &mut Connection, owner: UserId, id: Uuid) -> Result<Option<EntryRow>> {
    let own = EntryRow::query().filter(entries::owner_id.eq(owner)).filter(entries::id.eq(id));
    Ok(own.first(conn).await.optional()?)
}

/// Deletes all entries of this owner; says how many there were.
pub async fn delete_all(conn: &mut Connection, owner: UserId) -> Result<usize> {
    Ok(diesel::delete(entries::table.filter(entries::owner_id.eq(owner))).execute(conn).await?)
}
