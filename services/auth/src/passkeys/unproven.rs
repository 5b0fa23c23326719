//! How a proof fails: it is refused, and noted, or something else is in the way.

use contracts::auth::UserLoginFailed;
use contracts::{SessionId, UserId};
use db::Tx;
use problem::{Code, Problem};

use crate::codes;
use crate::history::{self, Failure};
use crate::sessions::Visitor;
use crate::state::State;

/// Why somebody did not prove himself.
#[derive(Debug)]
pub enum Unproven {
    /// What he showed will not do.
    Refused(Refused),
    /// Something else is in the way.
    Hindered(Problem),
}

/// A proof that will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is said.
    pub code: &'static Code,
    /// Why, in a word, for history and log alone.
    pub why: &'static str,
    /// The account concerned, where it is known.
    pub user: Option<UserId>,
}

impl Refused {
    /// A passkey that will not do; why, nobody is told.
    pub fn passkey(why: &'static str, user: Option<UserId>) -> Self {
        Self { code: &codes::PASSKEY_REFUSED, why, user }
    }

    /// Why, for those who are told of it outside.
    fn reason(&self) -> &'static str {
        if *self.code == codes::PASSKEY_REFUSED { "passkey_refused" } else { self.why }
    }

    /// How it is said.
    pub fn problem(self) -> Problem {
        if self.code.status == 401 { codes::unauthorized(self.code) } else { Problem::new(self.code) }
    }
}

impl From<Refused> for Unproven {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Problem> for Unproven {
    fn from(problem: Problem) -> Self {
        Self::Hindered(problem)
    }
}

impl From<db::Error> for Unproven {
    fn from(error: db::Error) -> Self {
        Self::Hindered(error.into())
    }
}

/// Notes and tells a login that failed, by the passkey that browsers call `id`.
pub async fn note_failed_login(
    tx: &mut Tx,
    state: &State,
    visitor: &Visitor,
    refused: &Refused,
    id: &[u8],
) -> db::Result<()> {
    log(refused);
    let track = |text: &str| state.secrets.track(text);
    let failure = Failure {
        reason: refused.why,
        identifier_hmac: track(&hex::encode(id)),
        ip_hmac: visitor.address.map(|address| track(&address.to_string())),
        visitor,
    };
    history::note_failure(tx, refused.user, &failure).await?;
    let failed = UserLoginFailed {
        user_id: refused.user,
        identifier_hmac: failure.identifier_hmac,
        ip_hmac: failure.ip_hmac,
        reason: refused.reason().into(),
    };
    outbox::emit(tx, &failed).await?;
    metrics::counter!("logins_failed_total", "reason" => refused.reason()).increment(1);
    Ok(())
}

/// Notes a refusal for the owner of the account; answers how it is said.
pub async fn noted(state: &State, visitor: &Visitor, session: Option<SessionId>, unproven: Unproven) -> Problem {
    let refused = match unproven {
        Unproven::Refused(refused) => refused,
        Unproven::Hindered(problem) => return problem,
    };
    log(&refused);
    let noted = state
        .db
        .tx(async |tx: &mut Tx| history::note_refused_passkey(tx, refused.user, session, refused.why, visitor).await);
    match noted.await {
        Ok(()) => refused.problem(),
        Err(error) => error.into(),
    }
}

/// Says that a proof was refused: many of one kind are somebody's attempts.
fn log(refused: &Refused) {
    let user = refused.user.map(|user| user.to_string());
    tracing::warn!(user.id = user, reason = refused.why, "a passkey was refused");
    metrics::counter!("passkeys_refused_total", "reason" => refused.why).increment(1);
}
