//! POST /auth/oauth/exchange: a session for the code that an application was sent back with.

use db::Tx;
use problem::{Code, Problem};
use serde::Deserialize;
use server::{Answer, Data, Json, post};
use utoipa::ToSchema;

use super::browser::Browser;
use super::entrance::note_refusal;
use super::{landing, queries, rules};
use crate::accounts::{self, rules as words};
use crate::codes::providers::CODE_INVALID;
use crate::secrets::Token;
use crate::sessions::admission::Admission;
use crate::sessions::issue::TokensView;
use crate::state::State;
use crate::{codes, pass};

/// The code, and the secret that its challenge was made from.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "code": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "device_name": "Portable",
}))]
pub struct Exchange {
    /// What came in the query.
    #[schema(min_length = 43, max_length = 43)]
    code: String,
    /// What `code_challenge` was the SHA-256 of.
    #[schema(min_length = 43, max_length = 128)]
    code_verifier: String,
    /// What to call this device.
    #[schema(max_length = 100)]
    device_name: Option<String>,
}

/// Opens a session for a code, once and within a minute. Another secret than the right one uses the code up.
#[utoipa::path(tag = "auth", operation_id = "exchange_code", security(()))]
#[post("/auth/oauth/exchange")]
pub async fn exchange(state: Data<State>, browser: Browser, body: Json<Exchange>) -> Answer<TokensView> {
    let name = words::line(body.device_name.as_deref().unwrap_or_default());
    let name = name.map_err(|unfit| codes::unfit(vec![("/device_name", unfit)]))?;
    exchanged(&state, &browser, (&body.code, &body.code_verifier), name.as_deref()).await?.answer(&state)
}

/// What came of it, once it is written.
enum Outcome {
    Admitted(Box<Admission>),
    /// The code is used up all the same.
    Refused(&'static Code),
}

/// Opens the account that a code is for, or asks for what else the account wants to see.
pub async fn exchanged(
    state: &State,
    browser: &Browser,
    (code, verifier): (&str, &str),
    device_name: Option<&str>,
) -> Result<Admission, Problem> {
    let digest = Token::read(code).ok_or_else(|| Problem::new(&CODE_INVALID))?.digest();
    let digest = digest.as_slice();
    let _turn = state.turns.of(&digest).await;
    let showing = Showing { state, browser, digest, verifier, device_name };
    let showing = &showing;
    match state.db.tx(async |tx: &mut Tx| showing.judge(tx).await).await? {
        Outcome::Admitted(admission) => Ok(*admission),
        Outcome::Refused(code) => Err(Problem::new(code)),
    }
}

struct Showing<'a> {
    state: &'a State,
    browser: &'a Browser,
    digest: &'a [u8],
    verifier: &'a str,
    device_name: Option<&'a str>,
}

impl Showing<'_> {
    /// The account is locked before the code. Whoever shows a code used it up, whatever comes of it.
    async fn judge(&self, tx: &mut Tx) -> Result<Outcome, Problem> {
        let invalid = Ok(Outcome::Refused(&CODE_INVALID));
        let now = tx.now();
        let Some(seen) = queries::code(tx, self.digest).await? else { return invalid };
        let Some(user) = accounts::locked(tx, seen.user_id).await? else { return invalid };
        let Some(code) = queries::locked_code(tx, self.digest).await? else { return invalid };
        if code.used_at.is_none() {
            queries::use_code(tx, self.digest, now).await?;
        }
        if !rules::exchanges(&code.shown(), self.verifier, now) {
            return invalid;
        }
        if let Err(closed) = pass::may_enter(self.state, &user) {
            note_refusal(tx, self.state, &self.browser.visitor, &user, closed.code()).await?;
            return Ok(Outcome::Refused(closed.code()));
        }
        let Some(account) = accounts::whole(tx, user.id).await? else { return invalid };
        let admission = landing::open(tx, self.state, account, self.browser, self.device_name).await?;
        Ok(Outcome::Admitted(Box::new(admission)))
    }
}
