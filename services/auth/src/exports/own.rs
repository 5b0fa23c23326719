//! What this service itself holds about somebody. Secrets are not about anybody: neither a password's digest nor a
//! token's is ever given out.

use contracts::UserId;
use db::Tx;
use gdpr::Parts;

use super::queries;
use crate::state::State;
use crate::{accounts, locks};

/// Writes all of it.
pub async fn give(tx: &mut Tx, state: &State, user: UserId, parts: &mut Parts) -> db::Result<()> {
    parts.single(tx, user, "account", queries::ACCOUNT).await?;
    parts.single(tx, user, "profile", queries::PROFILE).await?;
    for (file, rows) in queries::LISTS {
        parts.table(tx, user, file, rows).await?;
    }
    let account = accounts::whole(tx, user).await?.map(|account| account.user);
    let names = account.map(|user| [Some(user.email), user.username]).into_iter().flatten().flatten();
    let names = names.chain([locks::codes_of(user), locks::password_of(user)]);
    let names: Vec<String> = names.map(|name| state.secrets.track(&name)).collect();
    let failed = queries::failed_logins(tx, &names).await?;
    parts.rows(tx, "failed_logins", &failed).await
}
