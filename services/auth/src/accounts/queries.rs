//! Every SQL of accounts.

use contracts::{Roles, UserId};
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::{AccountRow, LinkRow, NewUserRow, ProfileRow, StoredRoles, UserRow};
use super::rules::{Identifier, Purpose};
use crate::schema::{email_tokens, profiles, users};

/// The account that somebody names.
pub async fn named(conn: &mut Connection, identifier: &Identifier) -> Result<Option<UserRow>> {
    let row = match identifier {
        Identifier::Email(email) => UserRow::query().filter(users::email.eq(email)).first(conn).await,
        Identifier::Username(name) => UserRow::query().filter(users::username.eq(name)).first(conn).await,
    };
    Ok(row.optional()?)
}

/// The account with what users knows of it.
pub async fn whole(conn: &mut Connection, user: UserId) -> Result<Option<AccountRow>> {
    let row = users::table
        .left_join(profiles::table)
        .filter(users::id.eq(user))
        .select((UserRow::as_select(), Option::<ProfileRow>::as_select()))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(user, profile)| AccountRow { user, profile }))
}

/// The account, which nobody else changes until the transaction ends. Rows that refer to it may be added meanwhile:
/// whoever ends a session locks that first, and notes it in the account's history then.
pub async fn locked(conn: &mut Connection, user: UserId) -> Result<Option<UserRow>> {
    Ok(UserRow::query().filter(users::id.eq(user)).for_no_key_update().first(conn).await.optional()?)
}

/// These accounts, locked in the order of their ids.
pub async fn locked_in_order(conn: &mut Connection, users: &[UserId]) -> Result<Vec<UserRow>> {
    let asked = UserRow::query().filter(users::id.eq_any(users.to_vec())).order(users::id).for_no_key_update();
    Ok(asked.load(conn).await?)
}

/// The account, which nobody else changes until the transaction ends; others may read it as well.
pub async fn shared(conn: &mut Connection, user: UserId) -> Result<Option<UserRow>> {
    Ok(UserRow::query().filter(users::id.eq(user)).for_share().first(conn).await.optional()?)
}

/// The account with this address, which nobody else changes until the transaction ends.
pub async fn locked_at(conn: &mut Connection, email: &str) -> Result<Option<UserRow>> {
    Ok(UserRow::query().filter(users::email.eq(email)).for_no_key_update().first(conn).await.optional()?)
}

/// Whether somebody has this name.
pub async fn is_username_taken(conn: &mut Connection, username: &str) -> Result<bool> {
    let taken = diesel::select(diesel::dsl::exists(users::table.filter(users::username.eq(username))));
    Ok(taken.get_result(conn).await?)
}

/// Makes an account; none where the address has one.
pub async fn insert(conn: &mut Connection, new: &NewUserRow<'_>) -> Result<Option<UserRow>> {
    let row = diesel::insert_into(users::table)
        .values(new)
        .on_conflict(users::email)
        .do_nothing()
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Writes the copy of a profile, whatever was there.
pub async fn write_profile(conn: &mut Connection, profile: &ProfileRow) -> Result<()> {
    diesel::insert_into(profiles::table)
        .values(profile)
        .on_conflict(profiles::user_id)
        .do_update()
        .set(profile)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether there is such an account.
pub async fn exists(conn: &mut Connection, user: UserId) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(users::table.filter(users::id.eq(user)))).get_result(conn).await?)
}

/// Gives the account a name.
pub async fn rename(conn: &mut Connection, user: UserId, username: &str, now: Timestamp) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::username.eq(username),
            users::contact_version.eq(users::contact_version + 1),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Notes that the address is proven, and the password that was chosen with the proof, if one was.
pub async fn verify(
    conn: &mut Connection,
    user: UserId,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::is_verified.eq(true),
            password_hash.map(|hash| users::password_hash.eq(hash)),
            users::contact_version.eq(users::contact_version + 1),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Gives the account another password.
pub async fn set_password(conn: &mut Connection, user: UserId, password_hash: &str, now: Timestamp) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::password_hash.eq(password_hash),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Takes the account's password away.
pub async fn drop_password(conn: &mut Connection, user: UserId, now: Timestamp) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::password_hash.eq(None::<String>),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Takes the account's password away, and makes it another's: with these roles, spoken to in this language.
pub async fn hand_over(
    conn: &mut Connection,
    user: UserId,
    roles: Roles,
    locale: &str,
    now: Timestamp,
) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::password_hash.eq(None::<String>),
            users::roles.eq(StoredRoles(roles)),
            users::locale.eq(locale),
            users::contact_version.eq(users::contact_version + 1),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Gives the account another address, which is proven.
pub async fn readdress(conn: &mut Connection, user: UserId, email: &str, now: Timestamp) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::email.eq(email),
            users::is_verified.eq(true),
            users::contact_version.eq(users::contact_version + 1),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Changes the roles; tokens issued before `not_before` are void.
pub async fn appoint(
    conn: &mut Connection,
    user: UserId,
    roles: Roles,
    not_before: Timestamp,
    now: Timestamp,
) -> Result<UserRow> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::roles.eq(StoredRoles(roles)),
            users::tokens_not_before.eq(Ts(not_before)),
            users::version.eq(users::version + 1),
            users::updated_at.eq(Ts(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Tokens issued before `not_before` are void.
pub async fn void_tokens(conn: &mut Connection, user: UserId, not_before: Timestamp) -> Result<()> {
    let account = users::table.filter(users::id.eq(user));
    diesel::update(account).set(users::tokens_not_before.eq(Ts(not_before))).execute(conn).await?;
    Ok(())
}

/// Counts a failed login, and answers the account.
pub async fn note_failure(conn: &mut Connection, user: UserId) -> Result<Option<UserRow>> {
    let row = diesel::update(users::table.filter(users::id.eq(user)))
        .set(users::failed_login_attempts.eq(users::failed_login_attempts + 1))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Notes until when an account is locked.
pub async fn lock(conn: &mut Connection, user: UserId, until: Timestamp) -> Result<()> {
    let account = users::table.filter(users::id.eq(user));
    diesel::update(account).set(users::locked_until.eq(Ts(until))).execute(conn).await?;
    Ok(())
}

/// Notes that an account is locked no more.
pub async fn unlock(conn: &mut Connection, user: UserId) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::locked_until.eq(None::<Ts>), users::failed_login_attempts.eq(0)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends up to `most` locks that are over at `now`, or that end after `latest`; says whose. Of several processes one
/// ends each.
pub async fn unlock_due(conn: &mut Connection, now: Timestamp, latest: Timestamp, most: i64) -> Result<Vec<UserId>> {
    const UNLOCK: &str = "UPDATE users SET locked_until = NULL WHERE id IN
        (SELECT id FROM users WHERE locked_until <= $1 OR locked_until > $2 LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING id";
    let unlock = sql::<SqlUuid>(UNLOCK).bind::<Timestamptz, _>(Ts(now)).bind::<Timestamptz, _>(Ts(latest));
    Ok(unlock.bind::<BigInt, _>(most).load(conn).await?)
}

/// Notes a login.
pub async fn note_login(conn: &mut Connection, user: UserId, now: Timestamp) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::last_login_at.eq(Ts(now)), users::failed_login_attempts.eq(0)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes the new hash of a password, where the one that was checked is still there.
pub async fn rehash(conn: &mut Connection, user: UserId, old: &str, new: &str) -> Result<()> {
    let same = users::table.filter(users::id.eq(user)).filter(users::password_hash.eq(old));
    diesel::update(same).set(users::password_hash.eq(new)).execute(conn).await?;
    Ok(())
}

/// Keeps a link.
pub async fn insert_link(conn: &mut Connection, link: &LinkRow) -> Result<()> {
    diesel::insert_into(email_tokens::table).values(link).execute(conn).await?;
    Ok(())
}

/// The link with this secret for this purpose.
pub async fn link(conn: &mut Connection, token_hash: &[u8], purpose: Purpose) -> Result<Option<LinkRow>> {
    let link = LinkRow::query()
        .filter(email_tokens::token_hash.eq(token_hash))
        .filter(email_tokens::purpose.eq(purpose.name()));
    Ok(link.first(conn).await.optional()?)
}

/// The same, which nobody else uses until the transaction ends.
pub async fn locked_link(conn: &mut Connection, token_hash: &[u8], purpose: Purpose) -> Result<Option<LinkRow>> {
    let link = LinkRow::query()
        .filter(email_tokens::token_hash.eq(token_hash))
        .filter(email_tokens::purpose.eq(purpose.name()))
        .for_update();
    Ok(link.first(conn).await.optional()?)
}

/// Notes that a link was used.
pub async fn use_link(conn: &mut Connection, token_hash: &[u8], now: Timestamp) -> Result<()> {
    diesel::update(email_tokens::table.filter(email_tokens::token_hash.eq(token_hash)))
        .set(email_tokens::used_at.eq(Ts(now)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Makes the unused links of an account void that were mailed for these purposes: as if they had been used.
pub async fn void_links(conn: &mut Connection, user: UserId, purposes: &[Purpose], now: Timestamp) -> Result<()> {
    let names: Vec<&str> = purposes.iter().map(|purpose| purpose.name()).collect();
    let open = email_tokens::table
        .filter(email_tokens::user_id.eq(user))
        .filter(email_tokens::purpose.eq_any(names))
        .filter(email_tokens::used_at.is_null());
    diesel::update(open).set(email_tokens::used_at.eq(Ts(now))).execute(conn).await?;
    Ok(())
}

/// Deletes up to `most` links that stopped working before `before`; says how many.
pub async fn sweep_links(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM email_tokens WHERE token_hash IN
        (SELECT token_hash FROM email_tokens WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
