//! Every SQL that administrators cause and nobody else does.

use contracts::{Role, Roles, Tier, UserId};
use db::page::{Key, Page};
use db::{Connection, Result, Ts, sql};
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::expression::SqlLiteral;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::{DeactivationRow, ListedRow};
use super::rules::{Order, Search, pattern};
use crate::accounts::row::{StoredRoles, UserRow};
use crate::schema::{deactivations, users};

/// A search that is still being written.
pub type Found = users::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<ListedRow, Pg>>>;

/// Of all transactions that ask for it one goes on at a time. Whoever takes an administrator away asks for it before he
/// locks anything else: two administrators who take each other away lock rows that the other does not.
pub async fn one_at_a_time(conn: &mut Connection) -> Result<()> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(1633971566, 1)";
    sql::<()>(LOCK).execute(conn).await?;
    Ok(())
}

/// Whether somebody other than `user` is an administrator who can enter.
pub async fn has_other_administrator(conn: &mut Connection, user: UserId) -> Result<bool> {
    let others = users::table
        .filter(users::roles.contains(StoredRoles(Roles::default().with(Role::Admin))))
        .filter(users::is_active.eq(true))
        .filter(users::is_verified.eq(true))
        .filter(users::id.ne(user));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(conn).await?)
}

/// Closes an account; its tokens from before `not_before` are void.
pub async fn close(conn: &mut Connection, user: UserId, not_before: Timestamp, now: Timestamp) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::is_active.eq(false),
            users::tokens_not_before.eq(Ts(not_before)),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Opens an account again.
pub async fn open(conn: &mut Connection, user: UserId, now: Timestamp) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::is_active.eq(true), users::version.eq(users::version + 1), users::updated_at.eq(Ts(now))))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Keeps why an account is closed.
pub async fn insert_deactivation(conn: &mut Connection, why: &DeactivationRow) -> Result<()> {
    let kept = diesel::insert_into(deactivations::table).values(why);
    kept.on_conflict(deactivations::user_id).do_nothing().execute(conn).await?;
    Ok(())
}

/// Forgets why an account was closed.
pub async fn delete_deactivation(conn: &mut Connection, user: UserId) -> Result<()> {
    diesel::delete(deactivations::table.filter(deactivations::user_id.eq(user))).execute(conn).await?;
    Ok(())
}

/// Why an account is closed, if an administrator closed it.
pub async fn deactivation(conn: &mut Connection, user: UserId) -> Result<Option<DeactivationRow>> {
    Ok(DeactivationRow::query().filter(deactivations::user_id.eq(user)).first(conn).await.optional()?)
}

/// The page of those accounts.
pub async fn search(conn: &mut Connection, wanted: &Search, page: &Page) -> Result<Vec<ListedRow>> {
    Ok(found(wanted, page).load(conn).await?)
}

/// The same, still to be asked for.
pub fn found(wanted: &Search, page: &Page) -> Found {
    let found = ordered(filtered(wanted), wanted.order);
    let found = match &page.after {
        Some(key) => behind(found, wanted.order, key),
        None => found,
    };
    found.limit(page.rows())
}

/// What a partial index is made for is written out, not bound: a plan for any value would not know that it serves.
fn filtered(wanted: &Search) -> Found {
    let mut found = <ListedRow as HasQuery<Pg>>::query().into_boxed::<Pg>();
    if let Some(beginning) = &wanted.beginning {
        let like = pattern(beginning);
        let by_name = users::username.like(like.clone()).assume_not_null();
        found = found.filter(users::email.like(like).or(by_name));
    }
    if let Some(role) = wanted.role {
        found = found.filter(users::roles.contains(StoredRoles(Roles::default().with(role))));
    }
    found = match wanted.tier {
        Some(Tier::Premium) => found.filter(diesel::dsl::sql::<Bool>("users.tier = 'PREMIUM'")),
        Some(Tier::Free) => found.filter(users::tier.eq(Tier::Free.name())),
        None => found,
    };
    found = match wanted.is_active {
        Some(true) => found.filter(users::is_active),
        Some(false) => found.filter(diesel::dsl::not(users::is_active)),
        None => found,
    };
    found = match wanted.locked {
        Some((true, now)) => found.filter(users::locked_until.gt(Ts(now)).assume_not_null()),
        Some((false, now)) => {
            let over = users::locked_until.le(Ts(now)).assume_not_null();
            found.filter(users::locked_until.is_null().or(over))
        }
        None => found,
    };
    if let Some(from) = wanted.from {
        found = found.filter(users::created_at.ge(Ts(from)));
    }
    match wanted.before {
        Some(before) => found.filter(users::created_at.lt(Ts(before))),
        None => found,
    }
}

fn ordered(found: Found, order: Order) -> Found {
    match order {
        Order::Newest => found.order((users::created_at.desc(), users::id.desc())),
        Order::Oldest => found.order((users::created_at.asc(), users::id.asc())),
        Order::Address => found.order(users::email.asc()),
        Order::LongestAway => found.order((last_seen().asc(), users::id.asc())),
        Order::LastSeen => found.order((last_seen().desc(), users::id.desc())),
    }
}

/// Only what comes behind `key`. The first condition of two says no more than the second, but an index serves it.
fn behind(found: Found, order: Order, key: &Key) -> Found {
    let (at, id) = (Ts(key.instant().unwrap_or(Timestamp::UNIX_EPOCH)), key.id);
    match order {
        Order::Newest => found
            .filter(users::created_at.le(at))
            .filter(users::created_at.lt(at).or(users::created_at.eq(at).and(users::id.lt(id)))),
        Order::Oldest => found
            .filter(users::created_at.ge(at))
            .filter(users::created_at.gt(at).or(users::created_at.eq(at).and(users::id.gt(id)))),
        Order::Address => found.filter(users::email.gt(key.text().unwrap_or_default().to_owned())),
        Order::LongestAway => {
            found.filter(last_seen().ge(at)).filter(last_seen().gt(at).or(last_seen().eq(at).and(users::id.gt(id))))
        }
        Order::LastSeen => {
            found.filter(last_seen().le(at)).filter(last_seen().lt(at).or(last_seen().eq(at).and(users::id.lt(id))))
        }
    }
}

/// When an account was last entered; the first of all moments where it never was.
fn last_seen() -> SqlLiteral<Timestamptz> {
    diesel::dsl::sql("coalesce(users.last_login_at, 'epoch'::timestamptz)")
}
