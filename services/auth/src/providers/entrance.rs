//! Letting somebody in whom a provider vouches for, or the application that sent him; who finds the account closed is
//! noted and told, as at any other login.

use contracts::auth::UserLoginFailed;
use db::{Ts, Tx};
use problem::{Code, Problem};

use super::browser::{self, Browser};
use super::landing::{self, Landing};
use super::row::CodeRow;
use super::{queries, rules};
use crate::accounts::row::UserRow;
use crate::codes::providers::LINK_REQUIRED;
use crate::history::{self, Failure};
use crate::identities::{self, Arrival, Found};
use crate::pace::Pace;
use crate::secrets::Token;
use crate::sessions::Visitor;
use crate::sessions::admission::Admission;
use crate::state::State;
use crate::{codes, pass};

/// Somebody at the door.
pub struct Entrance<'a> {
    /// What is shared.
    pub state: &'a State,
    /// What he came with.
    pub browser: &'a Browser,
    /// Whom the provider vouches for.
    pub arrival: &'a Arrival,
    /// What the application will prove itself by that he is sent back to, if he is.
    pub code_challenge: Option<&'a str>,
}

/// What came of it, once it is written.
enum Outcome {
    Admitted(Box<Admission>),
    Code(Token),
    Confirm(Token),
    Refused(&'static Code),
}

impl Entrance<'_> {
    /// A session, or a code for one.
    pub async fn enter(&self) -> Result<Landing, Problem> {
        let pace = Pace::begin().await;
        identities::may_ask(self.state, self.arrival).await?;
        let turn = self.state.turns.of(&self.arrival.key()).await;
        match self.state.db.tx(async |tx: &mut Tx| self.write(tx).await).await? {
            Outcome::Code(code) => Ok(Landing::Code(code)),
            Outcome::Admitted(admission) => {
                let (tokens, device) = landing::tokens(self.state, *admission)?;
                Ok(Landing::Session(Box::new(tokens), device))
            }
            Outcome::Confirm(request) => {
                // Whether somebody was mailed shows neither in the answer nor in its time.
                drop(turn);
                pace.even().await;
                Err(Problem::new(&LINK_REQUIRED).header("set-cookie", browser::await_link(&request)))
            }
            Outcome::Refused(code) => Err(Problem::new(code)),
        }
    }

    async fn write(&self, tx: &mut Tx) -> Result<Outcome, Problem> {
        let account = match identities::find(tx, self.state, self.arrival, &self.browser.visitor).await? {
            Found::Account(account) => account,
            Found::Closed(user) => return self.refuse(tx, &user, &codes::ACCOUNT_DISABLED).await,
            Found::Confirm(request) => return Ok(Outcome::Confirm(request)),
        };
        if let Err(closed) = pass::may_enter(self.state, &account.user) {
            return self.refuse(tx, &account.user, closed.code()).await;
        }
        let Some(code_challenge) = self.code_challenge else {
            let admission = landing::open(tx, self.state, *account, self.browser, None).await?;
            return Ok(Outcome::Admitted(Box::new(admission)));
        };
        let (code, now) = (Token::random()?, tx.now());
        let row = CodeRow {
            code_hash: code.digest(),
            user_id: account.user.id,
            code_challenge: code_challenge.to_owned(),
            created_at: Ts(now),
            expires_at: Ts(now + rules::CODE_WITHIN),
            used_at: None,
        };
        queries::insert_code(tx, &row).await?;
        Ok(Outcome::Code(code))
    }

    async fn refuse(&self, tx: &mut Tx, user: &UserRow, code: &'static Code) -> Result<Outcome, Problem> {
        note_refusal(tx, self.state, &self.browser.visitor, user, code).await?;
        Ok(Outcome::Refused(code))
    }
}

/// Notes and tells that somebody whom a provider vouched for found the account closed, as `code` says.
pub async fn note_refusal(
    tx: &mut Tx,
    state: &State,
    visitor: &Visitor,
    user: &UserRow,
    code: &Code,
) -> db::Result<()> {
    let track = |text: &str| state.secrets.track(text);
    let failure = Failure {
        reason: if *code == codes::ACCOUNT_DISABLED { "disabled" } else { "not_verified" },
        identifier_hmac: track(&user.email),
        ip_hmac: visitor.address.map(|address| track(&address.to_string())),
        visitor,
    };
    history::note_failure(tx, Some(user.id), &failure).await?;
    let failed = UserLoginFailed {
        user_id: Some(user.id),
        identifier_hmac: failure.identifier_hmac,
        ip_hmac: failure.ip_hmac,
        reason: failure.reason.into(),
    };
    outbox::emit(tx, &failed).await?;
    metrics::counter!("logins_failed_total", "reason" => failure.reason).increment(1);
    Ok(())
}
