//! Every SQL of deliveries.

use contracts::UserId;
use db::page::Page;
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::row::{DeliveryRow, NewDeliveryRow};
use super::rules::LONGEST_PAUSE;
use crate::schema::deliveries::dsl;

/// Stores a mail; false where one with its key is there already.
pub async fn insert(conn: &mut Connection, mail: &NewDeliveryRow) -> Result<bool> {
    let inserted = diesel::insert_into(dsl::deliveries)
        .values(mail)
        .on_conflict(dsl::dedup_key)
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// Claims up to `most` mails that are due at `now`, or whose claim is over, the oldest first. What a clock dated that
/// has since travelled back is due, and its claims are over.
pub async fn claim(
    conn: &mut Connection,
    now: Timestamp,
    lease: SignedDuration,
    most: i64,
) -> Result<Vec<DeliveryRow>> {
    let lease_began = Ts(now.checked_sub(lease).unwrap_or(Timestamp::MIN));
    let furthest = Ts(now.checked_add(LONGEST_PAUSE).unwrap_or(Timestamp::MAX));
    let now = Ts(now);
    let due = dsl::state.eq("queued").and(dsl::next_at.le(now).or(dsl::next_at.gt(furthest)));
    let left = dsl::state.eq("sending").and(dsl::leased_at.le(lease_began).or(dsl::leased_at.gt(now)));
    let ids: Vec<Uuid> = dsl::deliveries
        .filter(dsl::ended_at.is_null())
        .filter(due.or(left.assume_not_null()))
        .order((dsl::next_at, dsl::id))
        .limit(most)
        .select(dsl::id)
        .for_update()
        .skip_locked()
        .load(conn)
        .await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = diesel::update(dsl::deliveries.filter(dsl::id.eq_any(ids)))
        .set((dsl::state.eq("sending"), dsl::leased_at.eq(now), dsl::attempts.eq(dsl::attempts + 1)))
        .returning(DeliveryRow::as_returning())
        .get_results(conn)
        .await?;
    Ok(rows)
}

/// Puts a claimed mail back until `next_at`. False where the claim was lost meanwhile, here and below.
pub async fn postpone(conn: &mut Connection, mail: &DeliveryRow, next_at: Ts, why: &str) -> Result<bool> {
    let claimed =
        dsl::deliveries.find(mail.id).filter(dsl::state.eq("sending")).filter(dsl::attempts.eq(mail.attempts));
    let updated = diesel::update(claimed)
        .set((
            dsl::state.eq("queued"),
            dsl::leased_at.eq(None::<Ts>),
            dsl::next_at.eq(next_at),
            dsl::last_error.eq(why),
            dsl::masked.eq(&mail.masked),
        ))
        .execute(conn)
        .await?;
    Ok(updated == 1)
}

/// Ends a claimed mail in `state`, and forgets its address and what it said.
pub async fn end(conn: &mut Connection, mail: &DeliveryRow, state: &str, why: Option<&str>, now: Ts) -> Result<bool> {
    let claimed =
        dsl::deliveries.find(mail.id).filter(dsl::state.eq("sending")).filter(dsl::attempts.eq(mail.attempts));
    let updated = diesel::update(claimed)
        .set((
            dsl::state.eq(state),
            dsl::leased_at.eq(None::<Ts>),
            dsl::last_error.eq(why),
            dsl::address.eq(None::<String>),
            dsl::params.eq(json!({})),
            dsl::masked.eq(&mail.masked),
            dsl::ended_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(updated == 1)
}

/// Tells the sender, when the transaction commits, that there is something to send.
pub async fn ring(conn: &mut Connection) -> Result<()> {
    conn.batch_execute("NOTIFY deliveries").await?;
    Ok(())
}

/// Makes a connection hear [`ring`].
pub async fn listen(conn: &mut Connection) -> Result<()> {
    conn.batch_execute("LISTEN deliveries").await?;
    Ok(())
}

/// Makes due what waits for the contact of `user`; how many mails there were.
pub async fn wake(conn: &mut Connection, user: UserId, now: Ts) -> Result<usize> {
    let waiting =
        dsl::deliveries.filter(dsl::ended_at.is_null()).filter(dsl::user_id.eq(user)).filter(dsl::state.eq("queued"));
    Ok(diesel::update(waiting.filter(dsl::address.is_null())).set(dsl::next_at.eq(now)).execute(conn).await?)
}

/// The newest mails, in `state` if one is asked for.
pub async fn newest(conn: &mut Connection, state: Option<&str>, page: &Page) -> Result<Vec<DeliveryRow>> {
    let mut query =
        DeliveryRow::query().order((dsl::created_at.desc(), dsl::id.desc())).limit(page.rows()).into_boxed();
    if let Some(state) = state {
        query = query.filter(dsl::state.eq(state.to_owned()));
    }
    if let Some((at, id)) = page.after.as_ref().and_then(|key| Some((Ts(key.instant()?), key.id))) {
        query = query.filter(dsl::created_at.lt(at).or(dsl::created_at.eq(at).and(dsl::id.lt(id))));
    }
    Ok(query.load(conn).await?)
}

/// Deletes up to `most` mails that ended before `before`; how many there were.
pub async fn prune(conn: &mut Connection, before: Ts, most: i64) -> Result<usize> {
    let old = dsl::deliveries.filter(dsl::ended_at.lt(before)).select(dsl::id).limit(most);
    let ids: Vec<Uuid> = old.load(conn).await?;
    Ok(diesel::delete(dsl::deliveries.filter(dsl::id.eq_any(ids))).execute(conn).await?)
}

/// Deletes all mails to `user`, and those of no account that were to go where he was known to be, but for those about his
/// erasure; says how many there were. What goes there about another account is that one's: the address may be its by now.
pub async fn delete_of(conn: &mut Connection, user: UserId, farewells: &[&str]) -> Result<usize> {
    const TO_HIS_ADDRESS: &str =
        "DELETE FROM deliveries WHERE ended_at IS NULL AND user_id IS NULL AND template <> ALL ($2)
        AND address = (SELECT email FROM contacts WHERE user_id = $1)";
    let his = diesel::delete(dsl::deliveries.filter(dsl::user_id.eq(user))).execute(conn).await?;
    let there = sql::<()>(TO_HIS_ADDRESS).bind::<SqlUuid, _>(user).bind::<Array<Text>, _>(farewells);
    Ok(his + there.execute(conn).await?)
}

/// Deletes a claimed mail. False where the claim was lost meanwhile.
pub async fn delete(conn: &mut Connection, mail: &DeliveryRow) -> Result<bool> {
    let claimed =
        dsl::deliveries.find(mail.id).filter(dsl::state.eq("sending")).filter(dsl::attempts.eq(mail.attempts));
    Ok(diesel::delete(claimed).execute(conn).await? == 1)
}
