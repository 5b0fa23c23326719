//! How auth's events make and fill profiles.

use contracts::UserId;
use db::{Ts, Tx};
use jiff::Timestamp;

use super::preferences::Preferences;
use super::row::NextRow;
use super::rules::{self, Facts, Fill};
use super::{queries, take_username, told, write};

/// What an event tells.
pub struct Told {
    /// The facts.
    pub facts: Facts,
    /// When they came to be.
    pub at: Timestamp,
    /// Their version, for those about a contact.
    pub contact_version: Option<i64>,
}

/// Makes the profile of `user` if it is not there, and fills what `said` knows and its owner left empty. Of somebody who
/// was erased nothing is known any more, whatever comes late.
pub async fn fill(tx: &mut Tx, user: UserId, said: Told) -> db::Result<()> {
    if gdpr::is_erased(tx, user).await? { Ok(()) } else { fill_living(tx, user, said).await }
}

async fn fill_living(tx: &mut Tx, user: UserId, mut said: Told) -> db::Result<()> {
    let now = tx.now();
    // It begins with the language, so that the version does not tell which of auth's events came first.
    let mut preferences = Preferences::default();
    preferences.fill_language(said.facts.locale);
    let made = queries::insert(tx, user, &preferences.to_stored(), Ts(now)).await?.is_some();
    let current = queries::locked(tx, user).await?;
    if let Some(name) = said.facts.username.take() {
        let newer = rules::is_newer(said.at, current.username_at.map(|at| at.0), now);
        if newer && (current.username.as_ref() == Some(&name) || take_username(tx, &name, user, Ts(said.at)).await?) {
            said.facts.username = Some(name);
        }
    }
    let first = current.contact_version == 0;
    let how = if first || current.edited_at.is_none() { Fill::Empty } else { Fill::UsernameAlone };
    let before = current.profile();
    let after = rules::filled(&before, &said.facts, how);
    let changed = after != before;
    let next = NextRow {
        username_at: said.facts.username.as_ref().map(|_| Ts(said.at)).or(current.username_at),
        contact_version: said.contact_version.unwrap_or(current.contact_version),
        ..current.next(after)
    };
    if changed {
        write(tx, &current, next).await?;
    } else {
        queries::note(tx, user, next.contact_version, next.username_at).await?;
        if made {
            told(tx, current).await?;
        }
    }
    Ok(())
}
