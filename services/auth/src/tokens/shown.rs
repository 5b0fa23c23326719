//! What a token that somebody shows turns out to be. Whatever is not accepted any more is nothing.

use authn::{Claims, ServiceClaims};

use crate::secrets::Token;
use crate::sessions;
use crate::sessions::row::{RefreshRow, SessionRow};
use crate::state::State;

/// What it is.
pub enum Shown {
    /// An account's access token, signed and accepted.
    Access(Box<Claims>),
    /// A service's, signed and accepted.
    Service(Box<ServiceClaims>),
    /// A refresh token that we gave, whatever became of it.
    Refresh(Box<(SessionRow, RefreshRow)>),
    /// None of ours, or over.
    Nothing,
}

/// What this text is.
pub async fn find(state: &State, text: &str) -> db::Result<Shown> {
    let now = state.clock.now();
    if let Ok(claims) = state.verifier.access_claims(text, now) {
        return Ok(Shown::Access(Box::new(claims)));
    }
    if let Ok(claims) = state.verifier.service_claims(text, now) {
        return Ok(Shown::Service(Box::new(claims)));
    }
    let Some(token) = Token::read(text) else { return Ok(Shown::Nothing) };
    let mut conn = state.db.conn().await?;
    let carried = sessions::carried_by(&mut conn, &token.digest()).await?;
    Ok(carried.map_or(Shown::Nothing, |carried| Shown::Refresh(Box::new(carried))))
}
