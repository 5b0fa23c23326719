//! Every SQL of exports, and of what this service holds about a person itself.

use contracts::{ExportId, UserId};
use db::{Connection, Result, Ts, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use serde_json::Value;

use super::row::{ExportRow, PartRow, ServiceRow, WHOLE};
use super::rules::{LONGEST_WAIT, Phase};
use crate::schema::{export_parts, export_services, exports};

/// Whose export this is.
pub async fn owner_of(conn: &mut Connection, export: ExportId) -> Result<Option<UserId>> {
    Ok(exports::table.find(export).select(exports::user_id).first(conn).await.optional()?)
}

/// The export `export` of `owner`.
pub async fn of_owner(conn: &mut Connection, owner: UserId, export: ExportId) -> Result<Option<ExportRow>> {
    let row = ExportRow::query().filter(exports::id.eq(export)).filter(exports::user_id.eq(owner));
    Ok(row.first(conn).await.optional()?)
}

/// The same, which nobody else changes until the transaction ends. Its account is locked.
pub async fn locked(conn: &mut Connection, owner: UserId, export: ExportId) -> Result<Option<ExportRow>> {
    let row = ExportRow::query().filter(exports::id.eq(export)).filter(exports::user_id.eq(owner)).for_update();
    Ok(row.first(conn).await.optional()?)
}

/// The export of an account that was asked for last.
pub async fn newest(conn: &mut Connection, owner: UserId) -> Result<Option<ExportRow>> {
    let newest = ExportRow::query().filter(exports::user_id.eq(owner));
    Ok(newest.order((exports::requested_at.desc(), exports::id.desc())).first(conn).await.optional()?)
}

/// Begins an export, of which these services are to send their parts.
pub async fn insert(conn: &mut Connection, export: &ExportRow, services: &[String]) -> Result<()> {
    diesel::insert_into(exports::table).values(export).execute(conn).await?;
    let rows: Vec<_> = services
        .iter()
        .map(|service| (export_services::export_id.eq(export.id), export_services::service.eq(service)))
        .collect();
    diesel::insert_into(export_services::table).values(rows).execute(conn).await?;
    Ok(())
}

/// The services of an export, by name.
pub async fn services(conn: &mut Connection, export: ExportId) -> Result<Vec<ServiceRow>> {
    let services = ServiceRow::query().filter(export_services::export_id.eq(export));
    Ok(services.order(export_services::service).load(conn).await?)
}

/// One of them.
pub async fn service(conn: &mut Connection, export: ExportId, service: &str) -> Result<Option<ServiceRow>> {
    let row = ServiceRow::query().filter(export_services::export_id.eq(export));
    Ok(row.filter(export_services::service.eq(service)).first(conn).await.optional()?)
}

/// Those whose parts are not whole.
pub async fn awaited(conn: &mut Connection, export: ExportId) -> Result<Vec<String>> {
    let open = export_services::table
        .filter(export_services::export_id.eq(export))
        .filter(export_services::state.ne(WHOLE))
        .select(export_services::service)
        .order(export_services::service);
    Ok(open.load(conn).await?)
}

/// Throws away what a service has sent, for its answer to the `asked`th time.
pub async fn begin_anew(conn: &mut Connection, export: ExportId, service: &str, asked: i32) -> Result<()> {
    let sent = export_parts::table.filter(export_parts::export_id.eq(export)).filter(export_parts::service.eq(service));
    diesel::delete(sent).execute(conn).await?;
    diesel::update(export_services::table.find((export, service)))
        .set((
            export_services::asked.eq(asked),
            export_services::received.eq(0),
            export_services::total.eq(None::<i32>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps a chunk, and counts it; `total` is how many there are, where it is the last. Nothing where it is here already.
pub async fn keep(conn: &mut Connection, part: &PartRow, total: Option<i32>) -> Result<Option<ServiceRow>> {
    let kept = diesel::insert_into(export_parts::table).values(part).on_conflict_do_nothing().execute(conn).await?;
    if kept == 0 {
        return Ok(None);
    }
    let counted = diesel::update(export_services::table.find((part.export_id, &part.service)))
        .set((
            export_services::received.eq(export_services::received + 1),
            total.map(|total| export_services::total.eq(total)),
        ))
        .returning(ServiceRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(Some(counted))
}

/// Notes that the part of a service is whole.
pub async fn complete(conn: &mut Connection, export: ExportId, service: &str) -> Result<()> {
    let row = export_services::table.find((export, service));
    diesel::update(row).set(export_services::state.eq(WHOLE)).execute(conn).await?;
    Ok(())
}

/// Notes that all parts are whole, and until when they can be downloaded.
pub async fn make_ready(conn: &mut Connection, export: ExportId, now: Timestamp, until: Timestamp) -> Result<()> {
    diesel::update(exports::table.find(export))
        .set((
            exports::state.eq(Phase::Ready.name()),
            exports::ready_at.eq(Ts(now)),
            exports::expires_at.eq(Ts(until)),
            exports::next_at.eq(Ts(until)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that its services were asked once more, and when to look at it again.
pub async fn asked_again(conn: &mut Connection, export: ExportId, next_at: Timestamp) -> Result<ExportRow> {
    let row = diesel::update(exports::table.find(export))
        .set((exports::asked.eq(exports::asked + 1), exports::next_at.eq(Ts(next_at))))
        .returning(ExportRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(row)
}

/// Notes how an export ended; what was sent is still to be deleted.
pub async fn end(conn: &mut Connection, export: ExportId, phase: Phase) -> Result<()> {
    diesel::update(exports::table.find(export)).set(exports::state.eq(phase.name())).execute(conn).await?;
    Ok(())
}

/// Notes when there is something to do about an export; nothing, if never.
pub async fn put_off(conn: &mut Connection, export: ExportId, next_at: Option<Timestamp>) -> Result<()> {
    diesel::update(exports::table.find(export)).set(exports::next_at.eq(next_at.map(Ts))).execute(conn).await?;
    Ok(())
}

/// Deletes up to `most` chunks; says how many.
pub async fn delete_parts(conn: &mut Connection, export: ExportId, most: i64) -> Result<usize> {
    const DELETE: &str = "DELETE FROM export_parts WHERE (export_id, service, number) IN
        (SELECT export_id, service, number FROM export_parts WHERE export_id = $1 LIMIT $2)";
    Ok(sql::<()>(DELETE).bind::<SqlUuid, _>(export).bind::<BigInt, _>(most).execute(conn).await?)
}

/// Deletes an export.
pub async fn delete(conn: &mut Connection, export: ExportId) -> Result<()> {
    diesel::delete(exports::table.find(export)).execute(conn).await?;
    Ok(())
}

/// Deletes the exports of an account.
pub async fn delete_of(conn: &mut Connection, owner: UserId) -> Result<()> {
    diesel::delete(exports::table.filter(exports::user_id.eq(owner))).execute(conn).await?;
    Ok(())
}

/// Up to `most` exports that there is something to do about at `now`: those whose time has come, or was set by a clock
/// that has since travelled back, and those whose account was closed.
pub async fn due(conn: &mut Connection, now: Timestamp, most: i64) -> Result<Vec<(ExportId, UserId)>> {
    const DUE: &str = "SELECT e.id, e.user_id FROM exports e JOIN users u ON u.id = e.user_id
        WHERE e.next_at IS NOT NULL AND (e.next_at <= $1 OR e.next_at > $2 OR NOT u.is_active)
        ORDER BY e.next_at LIMIT $3";
    let due = sql::<(SqlUuid, SqlUuid)>(DUE).bind::<Timestamptz, _>(Ts(now));
    Ok(due.bind::<Timestamptz, _>(Ts(now + LONGEST_WAIT)).bind::<BigInt, _>(most).load(conn).await?)
}

/// Up to `most` chunks behind that of `number` of `service`, in the order in which they make files.
pub async fn parts_behind(
    conn: &mut Connection,
    export: ExportId,
    service: &str,
    number: i32,
    most: i64,
) -> Result<Vec<PartRow>> {
    let of_it = export_parts::service.eq(service.to_owned()).and(export_parts::number.gt(number));
    let behind = PartRow::query()
        .filter(export_parts::export_id.eq(export))
        .filter(export_parts::service.gt(service.to_owned()).or(of_it))
        .order((export_parts::service, export_parts::number))
        .limit(most);
    Ok(behind.load(conn).await?)
}

/// Deletes up to `most` exports that were asked for before `before`.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> Result<usize> {
    const SWEEP: &str = "DELETE FROM exports WHERE id IN
        (SELECT id FROM exports WHERE requested_at < $1 AND next_at IS NULL LIMIT $2)";
    let sweep = sql::<()>(SWEEP).bind::<Timestamptz, _>(Ts(before)).bind::<BigInt, _>(most);
    Ok(sweep.execute(conn).await?)
}

/// The account.
pub const ACCOUNT: &str = "SELECT t.id::text, to_jsonb(t) - '{password_hash}'::text[]
    FROM (SELECT * FROM users WHERE id = $1 AND id::text > $2 LIMIT $3) t";

/// The copy of the profile.
pub const PROFILE: &str = "SELECT t.user_id::text, to_jsonb(t)
    FROM (SELECT * FROM profiles WHERE user_id = $1 AND user_id::text > $2 LIMIT $3) t";

/// The key as what it is; the first of all where there is none yet. So an index leads to the next page.
macro_rules! after {
    (uuid) => {
        after!(uuid, "$2")
    };
    (uuid, $key:literal) => {
        concat!("coalesce(nullif(", $key, ", '')::uuid, '00000000-0000-0000-0000-000000000000')")
    };
    (bytea) => {
        "coalesce(nullif($2, '')::bytea, '')"
    };
    (text) => {
        "$2"
    };
}

/// The rows of `$table` that are an account's, all columns of them but those `$withheld`: secrets, what leads to one, and
/// what others are called.
macro_rules! rows {
    ($table:literal, $key:literal, $kind:ident, $withheld:literal) => {
        concat!(
            "SELECT t.",
            $key,
            "::text, to_jsonb(t) - '{",
            $withheld,
            "}'::text[] FROM (SELECT * FROM ",
            $table,
            " WHERE user_id = $1 AND ",
            $key,
            " > ",
            after!($kind),
            " ORDER BY ",
            $key,
            " LIMIT $3) t ORDER BY t.",
            $key
        )
    };
}

const REFRESH_TOKENS: &str = concat!(
    "SELECT t.session_id || '/' || t.counter, to_jsonb(t) - '{token_hash}'::text[] FROM (
        SELECT r.* FROM sessions s JOIN refresh_tokens r ON r.session_id = s.id WHERE s.user_id = $1 AND s.id >= ",
    after!(uuid, "split_part($2, '/', 1)"),
    " AND (r.session_id, r.counter) > (",
    after!(uuid, "split_part($2, '/', 1)"),
    ", coalesce(nullif(split_part($2, '/', 2), '')::integer, -1))
        ORDER BY s.id, r.counter LIMIT $3
    ) t ORDER BY t.session_id, t.counter"
);

const REVOCATIONS: &str = concat!(
    "SELECT t.id::text, to_jsonb(t) FROM (
        SELECT * FROM revocations
        WHERE (user_id = $1 OR session_id IN (SELECT id FROM sessions WHERE user_id = $1)) AND id > ",
    after!(uuid),
    " ORDER BY id LIMIT $3) t ORDER BY t.id"
);

/// An identity that a link is to attach may be somebody else's until it is used: what it is called there is not given out.
const LINKED: &str = "SELECT t.place, to_jsonb(t) - '{place,token_hash,subject,browser_hash}'::text[] FROM (
        SELECT encode(r.token_hash, 'hex') AS place, r.* FROM email_tokens e
        JOIN identity_requests r ON r.token_hash = e.token_hash
        WHERE e.user_id = $1 AND encode(r.token_hash, 'hex') > $2 ORDER BY 1 LIMIT $3
    ) t ORDER BY t.place";

/// Of the customers that are his; an event may name another account.
const PAYMENTS: &str = "SELECT t.id, to_jsonb(t) - '{claimed_user_id}'::text[] FROM (
        SELECT e.* FROM stripe_customers c JOIN stripe_events e ON e.customer_id = c.customer_id
        WHERE c.user_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3
    ) t ORDER BY t.id";

/// All else that this service holds about an account, by the name of its file: for [`gdpr::Parts::table`]. Of an erasure
/// that was taken back, what sealed it and who asked for it are not its owner's; nor is the administrator who closed the
/// account or gave it something. What a passkey is recognised by is for programs alone. A new table with rows about people
/// gets a line here.
pub const LISTS: [(&str, &str); 22] = [
    ("sessions", rows!("sessions", "id", uuid, "family_salt")),
    ("refresh_tokens", REFRESH_TOKENS),
    ("revocations", REVOCATIONS),
    ("devices", rows!("known_devices", "token_hash", bytea, "token_hash")),
    ("links", rows!("email_tokens", "token_hash", bytea, "token_hash,password_hash")),
    ("linked_identities", LINKED),
    ("identities", rows!("identities", "id", uuid, "")),
    ("exchange_codes", rows!("exchange_codes", "code_hash", bytea, "code_hash,code_challenge")),
    ("identity_codes", rows!("identity_codes", "code_hash", bytea, "code_hash,code_challenge,subject,email")),
    ("totp", rows!("totp_factors", "user_id", uuid, "sealed_secret")),
    ("recovery_codes", rows!("recovery_codes", "code_hmac", text, "code_hmac")),
    ("challenges", rows!("mfa_challenges", "token_hash", bytea, "token_hash")),
    ("passkeys", rows!("passkeys", "id", uuid, "credential_id,credential")),
    ("passkey_ceremonies", rows!("passkey_ceremonies", "ticket_hash", bytea, "ticket_hash,state")),
    ("security_events", rows!("security_events", "id", uuid, "identifier_hmac,ip_hmac")),
    ("deactivations", rows!("deactivations", "user_id", uuid, "actor_id")),
    ("grants", rows!("tier_grants", "user_id", uuid, "granted_by")),
    ("customers", rows!("stripe_customers", "customer_id", text, "")),
    ("payments", PAYMENTS),
    ("subscriptions", rows!("user_subscriptions", "id", uuid, "")),
    ("exports", rows!("exports", "id", uuid, "")),
    ("erasures", rows!("erasures", "id", uuid, "receipt_hash,pseudonym,sealed_address,requested_by")),
];

/// The failed logins that are counted against these names, which are keyed digests. What a known device is called there
/// is a digest as well.
pub async fn failed_logins(conn: &mut Connection, names: &[String]) -> Result<Vec<Value>> {
    const FAILED: &str = "SELECT jsonb_build_object(
            'origin', CASE WHEN origin LIKE 'device:%' THEN 'known device' ELSE origin END,
            'failed_at', failed_at, 'last_at', last_at)
        FROM login_failures WHERE identifier_hmac = ANY ($1) ORDER BY identifier_hmac, origin";
    Ok(sql::<Jsonb>(FAILED).bind::<Array<Text>, _>(names).load(conn).await?)
}
