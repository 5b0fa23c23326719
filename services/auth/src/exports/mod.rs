//! Exports: all that the fleet holds about a person, in one archive that its owner can download for a day.
//!
//! Every service that takes part is asked, and sends its part in chunks; when all are whole the archive is ready. It is
//! put together while it is downloaded, so there is no second copy, and what was sent is deleted with the link. Whoever
//! locks an account and its export locks the account first. Start with [`request`], then [`collect`] and [`archive`].

pub mod download;
pub mod get;
pub mod request;

pub mod advance;
pub mod archive;
pub mod collect;
pub mod own;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use contracts::export::ExportRequested;
use contracts::{ExportId, UserId};
use db::{Connection, Tx};
use jiff::Timestamp;

use crate::accounts::row::UserRow;
use crate::secrets::Secrets;
use row::ExportRow;

/// Exports with something to do about them, and whose they are.
pub async fn due(conn: &mut Connection, now: Timestamp, most: i64) -> db::Result<Vec<(ExportId, UserId)>> {
    queries::due(conn, now, most).await
}

/// Looks at an export again then.
pub async fn put_off(conn: &mut Connection, export: ExportId, next_at: Timestamp) -> db::Result<()> {
    queries::put_off(conn, export, Some(next_at)).await
}

/// Deletes all exports of an account, whatever becomes of them: for who closes or erases it, which has locked it.
pub async fn forget(tx: &mut Tx, user: UserId) -> db::Result<()> {
    queries::delete_of(tx, user).await
}

/// Deletes up to `most` exports that were asked for before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

/// Asks the services for their parts.
async fn ask(tx: &mut Tx, export: &ExportRow, participants: Vec<String>) -> db::Result<()> {
    let request = ExportRequested { export_id: export.id, user_id: export.user_id, asked: export.asked, participants };
    outbox::emit(tx, &request).await.map(drop)
}

/// What the link to an archive proves: which one, until when, and that its owner's password is still the same. Whoever
/// changes the password after somebody else has asked makes that link void.
fn proof(secrets: &Secrets, export: &ExportRow, user: &UserRow) -> crate::secrets::Token {
    let until = export.expires_at.map_or(0, |at| at.0.as_microsecond());
    secrets.archive_token(export.id.0, until, user.password_hash.as_deref().unwrap_or_default())
}
