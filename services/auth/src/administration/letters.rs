//! Mails that tell owners what an administrator did, at an address that was proven.

use std::collections::BTreeMap;

use contracts::{EventId, Language, Role};
use db::Tx;
use jiff::SignedDuration;

use crate::accounts::letter::Letter;
use crate::accounts::notices::{self, Notice};
use crate::accounts::row::UserRow;

/// One that comes later is of no use.
const WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Mails it to the owner.
pub async fn tell(tx: &mut Tx, notice: Notice, user: &UserRow) -> db::Result<()> {
    if user.is_verified { notices::mail(tx, notice, user, &user.email).await } else { Ok(()) }
}

/// Tells the owner what the account may do from now on.
pub async fn roles_changed(tx: &mut Tx, user: &UserRow) -> db::Result<()> {
    if !user.is_active || !user.is_verified {
        return Ok(());
    }
    let (now, template) = (tx.now(), "roles_changed");
    let roles: Vec<&str> = user.roles().iter().map(|role| called(role, user.language())).collect();
    let mut words = BTreeMap::from([("roles".to_owned(), roles.join(", "))]);
    words.extend(user.username.iter().map(|name| ("name".to_owned(), name.clone())));
    let dedup_key = format!("{template}:{}", EventId::at(now));
    Letter { template, user, to: &user.email, words, dedup_key, expires_at: now + WITHIN }.send(tx).await
}

/// What people call a role.
fn called(role: Role, language: Language) -> &'static str {
    match (role, language) {
        (Role::User, Language::Fr) => "membre",
        (Role::User, Language::En) => "member",
        (Role::Coach, _) => "coach",
        (Role::Admin, Language::Fr) => "administrateur",
        (Role::Admin, Language::En) => "administrator",
    }
}
