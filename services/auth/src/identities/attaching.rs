//! Attaching an identity to an account: written, noted, told and mailed together.

use contracts::auth::IdentityLinked;
use contracts::{IdentityId, SessionId};
use db::{Ts, Tx};
use problem::Problem;
use problem::codes::TOKEN_REVOKED;

use super::Arrival;
use super::queries;
use super::row::IdentityRow;
use super::view::IdentityView;
use crate::accounts::links;
use crate::accounts::notices::{self, Notice};
use crate::accounts::row::UserRow;
use crate::accounts::rules::Purpose;
use crate::codes::providers::IDENTITY_TAKEN;
use crate::history::{self, Kind};
use crate::providers::journey::Owner;
use crate::sessions::{self, Visitor};
use crate::state::State;
use crate::{accounts, codes};

/// What is attached to what.
pub struct Attachment<'a> {
    /// Whom the provider vouches for.
    pub arrival: &'a Arrival,
    /// The account, which is locked.
    pub user: &'a UserRow,
    /// The session that it is done from, if it is.
    pub session: Option<SessionId>,
    /// Who does it.
    pub visitor: &'a Visitor,
    /// What people call the provider, where the account's owner is to be mailed.
    pub title: Option<&'a str>,
}

/// Attaches an identity to the account of somebody who set out from it, and whose session has not ended meanwhile.
pub async fn attach(
    state: &State,
    arrival: &Arrival,
    owner: Owner,
    visitor: &Visitor,
) -> Result<IdentityView, Problem> {
    let _turn = state.turns.of(&arrival.key()).await;
    let title = state.providers.title(&arrival.provider);
    let row = state.db.tx(async |tx: &mut Tx| -> Result<IdentityRow, Problem> {
        let (user, session) = (&owner_of(tx, owner).await?, Some(owner.session));
        attached(tx, Attachment { arrival, user, session, visitor, title: Some(title) }).await
    });
    Ok(IdentityView::of(row.await?, &state.providers))
}

/// The account of somebody whose session has not ended, which nobody else changes until the transaction ends.
pub async fn owner_of(tx: &mut Tx, owner: Owner) -> Result<UserRow, Problem> {
    let gone = || codes::unauthorized(&TOKEN_REVOKED);
    let user = accounts::locked(tx, owner.user).await?.filter(|user| user.is_active).ok_or_else(gone)?;
    if sessions::is_open(tx, user.id, owner.session).await? { Ok(user) } else { Err(gone()) }
}

/// Attaches an identity. One that is the account's own already stays as it is. Whoever was invited has come: the link
/// to choose a first password by is void.
pub async fn attached(tx: &mut Tx, attachment: Attachment<'_>) -> Result<IdentityRow, Problem> {
    let Attachment { arrival, user, session, visitor, title } = attachment;
    let now = tx.now();
    let new = IdentityRow {
        id: IdentityId::at(now),
        user_id: user.id,
        provider: arrival.provider.clone(),
        issuer: arrival.issuer.clone(),
        subject: arrival.subject.clone(),
        email: arrival.email.clone(),
        created_at: Ts(now),
        last_used_at: Ts(now),
    };
    let Some(row) = queries::insert(tx, &new).await? else {
        let there = queries::of_subject(tx, &arrival.issuer, &arrival.subject).await?;
        return there.filter(|there| there.user_id == user.id).ok_or_else(|| Problem::new(&IDENTITY_TAKEN));
    };
    let linked = IdentityLinked { user_id: user.id, identity_id: row.id, provider: row.provider.clone(), sid: session };
    outbox::emit(tx, &linked).await?;
    links::void(tx, user.id, Purpose::Invitation).await?;
    history::note(tx, Kind::IdentityLinked, Some(user.id), session, visitor).await?;
    if let Some(title) = title {
        notices::of_provider(tx, Notice::IdentityLinked, user, title).await?;
    }
    Ok(row)
}
