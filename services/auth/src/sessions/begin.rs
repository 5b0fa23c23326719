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
use crate::accounts::notices;
use crate::accounts::row::AccountRow;
use crate::devices::{self, ShownDevice};
use crate::history::{self, Kind};
use crate::secrets::{Secrets, Token};

/// Our own clients; others come with their own ids one day.
const CLIENT: &str = "jolmood";

/// Who proved himself, and how.
pub struct Entry<'a> {
    /// The account, as it was before.
    pub account: AccountRow,
    /// Who is at the other end.
    pub visitor: &'a Visitor,
    /// What his browser shows.
    pub shown: &'a ShownDevice,
    /// What he calls his device.
    pub device_name: Option<&'a str>,
    /// What he proved himself by (RFC 8176).
    pub amr: &'a [&'a str],
}

/// A session that was opened.
pub struct Begun {
    /// The session.
    pub open: Open,
    /// What its browser keeps, to be known again.
    pub device: Token,
}

/// Opens a session, tells of it and notes it. The owner is mailed when the device is a new one, but for the first.
pub async fn begin(tx: &mut Tx, secrets: &Secrets, entry: Entry<'_>) -> Result<Begun, Problem> {
    let Entry { account, visitor, shown, device_name, amr } = entry;
    let (now, user) = (tx.now(), account.user.id);
    let (name, network, salt) = (visitor.named(device_name), visitor.network(), secrets.salt()?);
    let device = devices::remember(tx, user, shown, &name).await?;
    let new_device = !device.known && !queries::is_known_device(tx, user, &name, network.as_deref()).await?;
    let session = NewSessionRow {
        id: SessionId::at(now),
        user_id: user,
        client_id: CLIENT,
        device: &name,
        ip_prefix: network.as_deref(),
        amr,
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
    history::note(tx, Kind::LoggedIn, Some(user), Some(session.id), visitor).await?;
    outbox::emit(tx, &UserLoggedIn { user_id: user, session_id: session.id, new_device }).await?;
    if new_device && account.user.last_login_at.is_some() {
        notices::new_device(tx, &account, session.id, visitor).await?;
    }
    Ok(Begun { open: Open { session, account, refresh, refresh_expires_at }, device: device.token })
}
