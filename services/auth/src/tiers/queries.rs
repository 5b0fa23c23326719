//! Every SQL of tiers: the grants, and the columns of accounts that say the tier.

use contracts::{Tier, UserId};
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::GrantRow;
use crate::schema::{tier_grants, users};

/// Either index condition finds few: those whose PREMIUM ended and that still have it, and those who lost it by a clock
/// that has gone back since. By a minute at least: clocks of two processes differ a little, and are not to take turns.
/// Of several processes one takes each.
const DUE: &str = "SELECT id FROM users WHERE tier_until IS NOT NULL
        AND (tier = 'PREMIUM' AND tier_until <= $1 OR tier = 'FREE' AND tier_until > $1 + interval '1 minute')
    LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED";

/// What an administrator gave an account.
pub async fn grant(conn: &mut Connection, user: UserId) -> Result<Option<GrantRow>> {
    Ok(GrantRow::query().filter(tier_grants::user_id.eq(user)).first(conn).await.optional()?)
}

/// Keeps a grant, in the place of an earlier one.
pub async fn keep_grant(conn: &mut Connection, grant: &GrantRow) -> Result<()> {
    diesel::insert_into(tier_grants::table)
        .values(grant)
        .on_conflict(tier_grants::user_id)
        .do_update()
        .set(grant)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a grant back.
pub async fn delete_grant(conn: &mut Connection, user: UserId) -> Result<()> {
    diesel::delete(tier_grants::table.filter(tier_grants::user_id.eq(user))).execute(conn).await?;
    Ok(())
}

/// Gives an account another tier; tokens issued before `not_before` are void.
pub async fn change(
    conn: &mut Connection,
    user: UserId,
    tier: Tier,
    not_before: Timestamp,
    now: Timestamp,
) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::tier.eq(tier.name()),
            users::tokens_not_before.eq(Ts(not_before)),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes until when the tier is known to hold.
pub async fn note_until(conn: &mut Connection, user: UserId, until: Option<Timestamp>) -> Result<()> {
    let until = until.map(Ts);
    let other = users::table.filter(users::id.eq(user)).filter(users::tier_until.is_distinct_from(until));
    diesel::update(other).set(users::tier_until.eq(until)).execute(conn).await?;
    Ok(())
}

/// An account whose tier may be another at `now`, which nobody else changes until the transaction ends.
pub async fn due(conn: &mut Connection, now: Timestamp) -> Result<Option<UserId>> {
    Ok(sql::<SqlUuid>(DUE).bind::<Timestamptz, _>(Ts(now)).get_result(conn).await.optional()?)
}
