//! Opening a session for somebody who proved himself.

use contracts::SessionId;
use contracts::auth::UserLoggedIn;
use db::{Ts, Tx};
use problem::Problem;

use super::issue::Open;
use super::queries;
use super::row::{NewSessionRow, RefreshRow};
use super::rules::{SESSION_LIFETIME, refresh_expiry};
use super::visitor::Visitor;
use crate::accounts::row::AccountRow;
use crate::history::{self, Kind};
use crate::secrets::Secrets;

/// Our own clients; others come with their own ids one day.
const CLIENT: &str = "jolmood";

/// Who proved himself, and how.
pub struct Entry<'a> {
    /// The account.
    pub account: AccountRow,
    /// Who is at the other end.
    pub visitor: &'a Visitor,
    /// What he calls his device.
    pub device_name: Option<&'a str>,
    /// What he proved himself by (RFC 8176).
    pub amr: &'a [&'a str],
}

/// Opens a session, tells of it and notes it.
pub async fn begin(tx: &mut Tx, secrets: &Secrets, entry: Entry<'_>) -> Result<Open, Problem> {
    let now = tx.now();
    let user = entry.account.user.id;
    let device = entry.visitor.named(entry.device_name);
    let new_device = !queries::is_known_device(tx, user, &device).await?;
    let (salt, network) = (secrets.salt()?, entry.visitor.network());
    let session = NewSessionRow {
        id: SessionId::at(now),
        user_id: user,
        client_id: CLIENT,
        device: &device,
        ip_prefix: network.as_deref(),
        amr: entry.amr,
        family_salt: &salt,
        auth_time: Ts(now),
        created_at: Ts(now),
        last_seen_at: Ts(now),
        expires_at: Ts(now + SESSION_LIFETIME),
    };
    let session = queries::insert(tx, &session).await?;
    let refresh = secrets.refresh_token(&salt, 0);
    let refresh_expires_at = refresh_expiry(now, session.expires_at.0);
    let token = RefreshRow {
        token_hash: refresh.digest(),
        session_id: session.id,
        counter: 0,
        issued_at: Ts(now),
        expires_at: Ts(refresh_expires_at),
        used_at: None,
    };
    queries::insert_token(tx, &token).await?;
    history::note(tx, Kind::LoggedIn, Some(user), Some(session.id), entry.visitor).await?;
    outbox::emit(tx, &UserLoggedIn { user_id: user, session_id: session.id, new_device }).await?;
    Ok(Open { session, account: entry.account, refresh, refresh_expires_at })
}
