//! A ticket: what somebody who is signed in takes along to where his journey begins. A page of another site may ask for
//! one, and keeps no cookie of ours; the browser itself goes there and gets it.
//!
//! Whoever is talked into using another's ticket attaches nothing: the code at the end is shown by its owner alone.

use jiff::{SignedDuration, Timestamp};
use problem::Problem;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::journey::{self, Wish};
use super::{departure_address, queries};
use crate::codes::providers::STATE_INVALID;
use crate::secrets::Token;
use crate::state::State;

/// What kind of token it is; no other is taken for it.
const TYPE: &str = "ticket+jwt";
/// How long a page may take to send its browser there.
const WITHIN: SignedDuration = SignedDuration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Ticket {
    jti: String,
    exp: i64,
    provider: String,
    #[serde(flatten)]
    wish: Wish,
}

/// The address of ours at which a journey with this wish begins, once and within a minute.
pub fn issue(state: &State, provider: &str, wish: Wish) -> Result<String, Problem> {
    let exp = (state.clock.now() + WITHIN).as_second();
    let ticket = Ticket { jti: Token::random()?.show(), exp, provider: provider.to_owned(), wish };
    let signed = journey::signed(&state.secrets, TYPE, &ticket)?;
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("ticket", &signed).finish();
    Ok(format!("{}?{query}", departure_address(&state.public_url, provider)))
}

/// What this ticket is for; it is used up.
pub async fn redeem(state: &State, provider: &str, text: &str) -> Result<Wish, Problem> {
    let invalid = || Problem::new(&STATE_INVALID);
    let ticket: Ticket = journey::read(&state.secrets, TYPE, text).ok_or_else(invalid)?;
    let token = Token::read(&ticket.jti).ok_or_else(invalid)?;
    let expires_at = Timestamp::from_second(ticket.exp).map_err(|_| invalid())?;
    if ticket.provider != provider || state.clock.now() >= expires_at {
        return Err(invalid());
    }
    let mut conn = state.db.conn().await?;
    if queries::come_back(&mut conn, &token.digest(), expires_at).await? { Ok(ticket.wish) } else { Err(invalid()) }
}
