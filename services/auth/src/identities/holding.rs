//! Somebody for whom a provider vouched, held under a code until the owner who set out comes for him.

use db::{Ts, Tx};
use problem::Problem;

use super::attaching::owner_of;
use super::row::HeldRow;
use super::{Arrival, queries};
use crate::providers::journey::Owner;
use crate::providers::rules::CODE_WITHIN;
use crate::secrets::Token;
use crate::state::State;

/// Keeps an identity for the account of somebody who set out from it, and whose session has not ended meanwhile; answers
/// the code. Whoever shows it has what `code_challenge` was made from.
pub async fn hold(state: &State, arrival: &Arrival, owner: Owner, code_challenge: &str) -> Result<Token, Problem> {
    let code = Token::random()?;
    let digest = &code.digest();
    let kept = state.db.tx(async |tx: &mut Tx| -> Result<(), Problem> {
        let (user, now) = (owner_of(tx, owner).await?, tx.now());
        let row = HeldRow {
            code_hash: digest.clone(),
            user_id: user.id,
            code_challenge: code_challenge.to_owned(),
            provider: arrival.provider.clone(),
            issuer: arrival.issuer.clone(),
            subject: arrival.subject.clone(),
            email: arrival.email.clone(),
            created_at: Ts(now),
            expires_at: Ts(now + CODE_WITHIN),
            used_at: None,
        };
        Ok(queries::hold(tx, &row).await?)
    });
    kept.await?;
    Ok(code)
}
