//! Contacts: what is known of whom to write to, in two halves that come by different events in either order.
//!
//! auth tells the address, the name and the account's language; users tells the name, the language, the zone and the
//! switches of the profile, which win where both tell something. An older version never replaces a newer one.

pub mod queries;
pub mod row;

use contracts::UserId;
use contracts::auth::{ContactChanged, UserRegistered};
use contracts::users::ProfileUpdated;
use db::{Connection, Ts, Tx};

use row::ContactRow;

/// The contacts of `users`, in no order; one that nothing is known of is not among them.
pub async fn of_all(conn: &mut Connection, users: &[UserId]) -> db::Result<Vec<ContactRow>> {
    queries::of_all(conn, users).await
}

/// Forgets the contact of `user`; says how many there were.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<usize> {
    queries::delete(tx, user).await
}

/// Keeps the language of a new account, where nothing of it is known yet.
pub async fn learn_account(tx: &mut Tx, told: &UserRegistered) -> db::Result<()> {
    let now = Ts(tx.now());
    let mut known = queries::locked(tx, told.user_id, now).await?;
    if known.locale.is_some() {
        return Ok(());
    }
    known.locale = Some(told.locale.tag().to_owned());
    known.updated_at = now;
    queries::replace(tx, &known).await
}

/// Keeps what auth told of a contact. False where it was known.
pub async fn learn_contact(tx: &mut Tx, told: &ContactChanged) -> db::Result<bool> {
    let now = Ts(tx.now());
    let mut known = queries::locked(tx, told.user_id, now).await?;
    if known.contact_version >= told.version {
        return Ok(false);
    }
    known.email = Some(told.email.clone());
    known.email_verified = told.email_verified;
    known.username = told.username.clone();
    known.locale = Some(told.locale.tag().to_owned());
    known.contact_version = told.version;
    known.updated_at = now;
    if known.profile_version == 0 {
        known.full_name = told.full_name.clone();
    }
    queries::replace(tx, &known).await?;
    Ok(true)
}

/// Keeps what users told.
pub async fn learn_profile(tx: &mut Tx, told: &ProfileUpdated) -> db::Result<()> {
    let now = Ts(tx.now());
    let mut known = queries::locked(tx, told.user_id, now).await?;
    if known.profile_version >= told.version {
        return Ok(());
    }
    known.full_name = told.full_name.clone();
    known.username = told.username.clone().or(known.username);
    known.language = Some(told.preferences.language.tag().to_owned());
    known.timezone = Some(told.preferences.timezone.clone());
    known.by_email = told.preferences.notifications.email;
    known.by_push = told.preferences.notifications.push;
    known.by_ws = told.preferences.notifications.ws;
    known.profile_version = told.version;
    known.updated_at = now;
    queries::replace(tx, &known).await
}
