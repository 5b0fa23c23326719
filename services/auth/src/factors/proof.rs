//! A code that somebody shows for an account: counted before it is looked at, as passwords are, and good once.
//!
//! What is counted is counted for the account, so that nobody guesses on by beginning anew.

use contracts::auth::{RecoveryCodeUsed, UserLoginFailed};
use contracts::{SessionId, UserId};
use db::Tx;
use problem::Problem;

use super::row::TotpRow;
use super::rules::{self, Shown};
use super::{queries, recovery};
use crate::accounts::notices;
use crate::devices::ShownDevice;
use crate::history::{self, Failure, Kind};
use crate::locks::{self, Claim, Origin};
use crate::sessions::Visitor;
use crate::state::State;
use crate::{accounts, codes};

/// What a session is proven by for which a code was shown (RFC 8176).
pub const METHOD: &str = "otp";

/// A code that somebody shows.
pub struct Proof<'a> {
    /// What is shared.
    pub state: &'a State,
    /// For which account.
    pub user: UserId,
    /// In which session; none for who is about to open one.
    pub session: Option<SessionId>,
    /// The code.
    pub code: &'a str,
    /// Who is at the other end.
    pub visitor: &'a Visitor,
    /// What his browser shows.
    pub shown: &'a ShownDevice,
}

/// Under which name the secret of an account's app is sealed.
pub fn sealed_as(user: UserId) -> String {
    format!("totp of {user}")
}

impl Proof<'_> {
    /// So many a minute for one account from one address. It comes first since it asks no database.
    pub async fn allowed(&self) -> Result<(), Problem> {
        let policy = &self.state.policies.login;
        let key = limits::Key::of(&("second factor", self.user, self.visitor.counted()));
        let decision = self.state.limiter.check_shared(policy, key, 1).await;
        if decision.allowed { Ok(()) } else { Err(decision.problem(policy)) }
    }

    /// Whether it is a code of the account's app, or one of its recovery codes; from now on it is neither. The account
    /// is locked. The transaction has to be committed whatever is answered, since a wrong one was counted.
    pub async fn holds(&self, tx: &mut Tx) -> Result<bool, Problem> {
        let claim = self.claim(tx).await?;
        let right = match rules::read(self.code) {
            Some(Shown::Totp(code)) => self.is_of_app(tx, &code).await?,
            Some(Shown::Recovery(code)) => self.is_of_recovery(tx, &code).await?,
            None => false,
        };
        self.settle(tx, &claim, right).await?;
        Ok(right)
    }

    /// Counts a try; refused where there were too many.
    pub async fn claim(&self, tx: &mut Tx) -> Result<Claim, Problem> {
        let origin = Origin::of(tx, Some(self.user), self.visitor, self.shown).await?;
        let name = self.state.secrets.track(&locks::codes_of(self.user));
        locks::claim_code(tx, &self.state.clock, &name, &origin).await
    }

    /// What became of a try that was counted.
    pub async fn settle(&self, tx: &mut Tx, claim: &Claim, right: bool) -> Result<(), Problem> {
        if right {
            return Ok(locks::forgive(tx, claim).await?);
        }
        locks::fail(tx, claim, Some(self.user), self.visitor).await?;
        match self.session {
            Some(session) => {
                history::note(tx, Kind::CodeRefused, Some(self.user), Some(session), self.visitor).await?;
            }
            None => self.note_failed_login(tx).await?,
        }
        Ok(())
    }

    /// The step that the code stands for, if it is one of this app's around now.
    pub fn step(&self, app: &TotpRow, code: &str, tx: &Tx) -> Result<Option<i64>, Problem> {
        let secret = self.state.secrets.open(&sealed_as(self.user), &app.sealed_secret)?;
        Ok(rules::step_of(&secret, code, tx.now()))
    }

    async fn is_of_app(&self, tx: &mut Tx, code: &str) -> Result<bool, Problem> {
        let app = queries::locked_totp(tx, self.user).await?.filter(|app| app.confirmed_at.is_some());
        let Some(app) = app else { return Ok(false) };
        match self.step(&app, code, tx)? {
            Some(step) if rules::is_new(step, app.last_step, tx.now()) => {
                Ok(queries::advance(tx, self.user, app.last_step, step).await?)
            }
            _ => Ok(false),
        }
    }

    /// The owner is mailed: who lost the app knows of it, and nobody else should have the codes.
    async fn is_of_recovery(&self, tx: &mut Tx, code: &str) -> Result<bool, Problem> {
        if !recovery::take(tx, &self.state.secrets, self.user, code).await? {
            return Ok(false);
        }
        let left = super::of(tx, self.user).await?.recovery_codes;
        if let Some(user) = accounts::locked(tx, self.user).await? {
            notices::recovery_code_used(tx, &user, left).await?;
        }
        outbox::emit(tx, &RecoveryCodeUsed { user_id: self.user, sid: self.session, left }).await?;
        history::note(tx, Kind::RecoveryCodeUsed, Some(self.user), self.session, self.visitor).await?;
        Ok(true)
    }

    async fn note_failed_login(&self, tx: &mut Tx) -> Result<(), Problem> {
        let secrets = &self.state.secrets;
        let user = accounts::locked(tx, self.user).await?;
        let failure = Failure {
            reason: "wrong_code",
            identifier_hmac: secrets.track(user.as_ref().map_or("", |user| user.email.as_str())),
            ip_hmac: self.visitor.address.map(|address| secrets.track(&address.to_string())),
            visitor: self.visitor,
        };
        history::note_failure(tx, Some(self.user), &failure).await?;
        let failed = UserLoginFailed {
            user_id: Some(self.user),
            identifier_hmac: failure.identifier_hmac,
            ip_hmac: failure.ip_hmac,
            reason: failure.reason.into(),
        };
        outbox::emit(tx, &failed).await?;
        metrics::counter!("logins_failed_total", "reason" => "wrong_code").increment(1);
        Ok(())
    }
}

/// 401: the code is wrong.
pub fn wrong() -> Problem {
    codes::unauthorized(&codes::WRONG_CODE)
}
