//! How an owner changes a profile, whole or in part.

use contracts::UserId;
use db::{Ts, Tx};
use problem::Problem;
use problem::codes::CONFLICT;
use server::IfMatch;

use super::rules::{self, Change, Profile};
use super::{ProfileRow, of_caller, take_username, write};
use crate::codes;
use crate::state::State;

/// How often a change is tried against what others write meanwhile.
const TRIES: usize = 4;

/// Who wants it, and on top of which version, if that matters to them.
pub struct Author<'a> {
    /// The owner.
    pub id: UserId,
    /// The owner's token, to claim a username with.
    pub token: &'a str,
    /// The version the owner had in mind.
    pub expected: &'a IfMatch,
}

/// Changes the profile of `author`. A new username is claimed at auth first, outside any transaction; should that be
/// all that happens, auth's event brings it here.
pub async fn change(state: &State, author: &Author<'_>, change: Change) -> Result<ProfileRow, Problem> {
    for _ in 0..TRIES {
        let current = of_caller(state, author.id).await?;
        author.expected.allows(current.version)?;
        let now = state.clock.now();
        let before = current.profile();
        let after = rules::changed(&before, change.clone(), now).map_err(codes::faults)?;
        if after == before {
            return Ok(current);
        }
        if let Some(name) = after.username.as_deref().filter(|name| before.username.as_deref() != Some(name)) {
            state.auth.claim(author.token, name).await.map_err(codes::not_claimed)?;
        }
        if let Some(written) = save(state, current, after, Ts(now)).await? {
            return Ok(written);
        }
    }
    Err(Problem::new(&CONFLICT))
}

async fn save(state: &State, current: ProfileRow, after: Profile, at: Ts) -> db::Result<Option<ProfileRow>> {
    state
        .db
        .tx(async move |tx: &mut Tx| {
            let renamed = after.username != current.username;
            if let Some(name) = after.username.as_deref().filter(|_| renamed) {
                take_username(tx, name, current.user_id, at).await?;
            }
            let mut next = current.next(after);
            next.edited_at = Some(at);
            if renamed {
                next.username_at = Some(at);
            }
            write(tx, &current, next).await
        })
        .await
}
