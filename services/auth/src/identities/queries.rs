//! Every SQL of identities.

use contracts::{IdentityId, UserId};
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::row::{HeldRow, IdentityRow, RequestRow};
use crate::schema::{identities, identity_codes, identity_requests};

/// Whoever a provider knows by this.
pub async fn of_subject(conn: &mut Connection, issuer: &str, subject: &str) -> Result<Option<IdentityRow>> {
    let known = IdentityRow::query().filter(identities::issuer.eq(issuer)).filter(identities::subject.eq(subject));
    Ok(known.first(conn).await.optional()?)
}

/// All identities of an account, the oldest first.
pub async fn of_user(conn: &mut Connection, user: UserId) -> Result<Vec<IdentityRow>> {
    let all = IdentityRow::query().filter(identities::user_id.eq(user)).order((identities::created_at, identities::id));
    Ok(all.load(conn).await?)
}

/// Attaches an identity; none where it opens an account already.
pub async fn insert(conn: &mut Connection, identity: &IdentityRow) -> Result<Option<IdentityRow>> {
    let row = diesel::insert_into(identities::table)
        .values(identity)
        .on_conflict((identities::issuer, identities::subject))
        .do_nothing()
        .returning(IdentityRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row)
}

/// Notes that an identity opened its account.
pub async fn note_use(conn: &mut Connection, id: IdentityId, email: Option<&str>, now: Timestamp) -> Result<()> {
    diesel::update(identities::table.filter(identities::id.eq(id)))
        .set((identities::last_used_at.eq(Ts(now)), email.map(|email| identities::email.eq(email))))
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes an identity off an account.
pub async fn delete(conn: &mut Connection, user: UserId, id: IdentityId) -> Result<()> {
    let own = identities::table.filter(identities::user_id.eq(user)).filter(identities::id.eq(id));
    diesel::delete(own).execute(conn).await?;
    Ok(())
}

/// How many identities of these issuers an account has.
pub async fn count(conn: &mut Connection, user: UserId, issuers: &[String]) -> Result<i64> {
    let own = identities::table.filter(identities::user_id.eq(user)).filter(identities::issuer.eq_any(issuers));
    Ok(own.count().get_result(conn).await?)
}

/// Whether an account has an identity.
pub async fn has_any(conn: &mut Connection, user: UserId) -> Result<bool> {
    let own = identities::table.filter(identities::user_id.eq(user));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(conn).await?)
}

/// Takes all identities off an account; says how many.
pub async fn delete_all(conn: &mut Connection, user: UserId) -> Result<usize> {
    Ok(diesel::delete(identities::table.filter(identities::user_id.eq(user))).execute(conn).await?)
}

/// Keeps what a mailed link attaches.
pub async fn insert_request(conn: &mut Connection, request: &RequestRow) -> Result<()> {
    diesel::insert_into(identity_requests::table).values(request).execute(conn).await?;
    Ok(())
}

/// What the link with this secret attaches.
pub async fn request(conn: &mut Connection, token_hash: &[u8]) -> Result<Option<RequestRow>> {
    Ok(RequestRow::query().filter(identity_requests::token_hash.eq(token_hash)).first(conn).await.optional()?)
}

/// Keeps an identity under a code.
pub async fn hold(conn: &mut Connection, held: &HeldRow) -> Result<()> {
    diesel::insert_into(identity_codes::table).values(held).execute(conn).await?;
    Ok(())
}

/// The identity under the code with this digest, which nobody else claims until the transaction ends.
pub async fn locked_held(conn: &mut Connection, code_hash: &[u8]) -> Result<Option<HeldRow>> {
    Ok(HeldRow::query().filter(identity_codes::code_hash.eq(code_hash)).for_update().first(conn).await.optional()?)
}

/// Notes that a code was shown.
pub async fn use_held(conn: &mut Connection, code_hash: &[u8], now: Timestamp) -> Result<()> {
    diesel::update(identity_codes::table.filter(identity_codes::code_hash.eq(code_hash)))
        .set(identity_codes::used_at.eq(Ts(now)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes up to `most` codes that stopped working before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM identity_codes WHERE code_hash IN
        (SELECT code_hash FROM identity_codes WHERE expires_at < $1 LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}
