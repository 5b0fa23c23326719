//! Profiles: one per account, made by whichever comes first of its owner's first call and auth's first event.
//!
//! The username is auth's: it is claimed there before it is written here, and what auth tells of it later wins.
//! A change is one row, one version more and one event, in one transaction. Start with [`change`] and [`fill`].

pub mod get;
pub mod read_mine;
pub mod replace_mine;
pub mod update_mine;

pub mod change;
pub mod fill;
pub mod preferences;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

use contracts::UserId;
use contracts::users::ProfileUpdated;
use db::{Ts, Tx};
use gdpr::Erased;
use serde_json::json;
use server::Caller;

use crate::state::State;
use row::{NextRow, ProfileRow};

/// The profile of the caller, made empty where neither an event nor an earlier call has made it.
async fn of_caller(state: &State, caller: UserId) -> db::Result<ProfileRow> {
    let mut conn = state.db.conn().await?;
    if let Some(row) = queries::of(&mut conn, caller).await? {
        return Ok(row);
    }
    drop(conn);
    state
        .db
        .tx(async move |tx: &mut Tx| {
            let now = Ts(tx.now());
            match queries::insert(tx, caller, &json!({}), now).await? {
                Some(row) => told(tx, row).await,
                None => queries::locked(tx, caller).await,
            }
        })
        .await
}

/// Erases the profile of `user`.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<Erased> {
    Ok(Erased::default().and("profiles", queries::delete(tx, user).await?))
}

/// Whether `who` sees the whole profile of `user`: the owner does, and administrators.
fn sees_whole(who: &Caller, user: UserId) -> bool {
    who.id == user || who.identity.is_admin()
}

/// Writes `next` over `current` and tells it; nothing where somebody changed it meanwhile.
async fn write(tx: &mut Tx, current: &ProfileRow, next: NextRow) -> db::Result<Option<ProfileRow>> {
    let now = Ts(tx.now());
    match queries::replace(tx, current.user_id, current.version, &next, now).await? {
        Some(row) => told(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// Takes `username` from whoever else is noted with it since before `at`. False where a newer fact gave it to them,
/// so that the one at hand is out of date.
async fn take_username(tx: &mut Tx, username: &str, user: UserId, at: Ts) -> db::Result<bool> {
    let now = tx.now();
    let Some((holder, since)) = queries::other_holder(tx, username, user).await? else { return Ok(true) };
    if !rules::is_newer(at.0, since.map(|since| since.0), now) {
        return Ok(false);
    }
    let released = queries::release_username(tx, holder, Ts(now)).await?;
    told(tx, released).await?;
    Ok(true)
}

async fn told(tx: &mut Tx, row: ProfileRow) -> db::Result<ProfileRow> {
    outbox::emit(tx, &ProfileUpdated::from(&row)).await?;
    Ok(row)
}
