//! POST /auth/login: a session for an address or a name and its password.

use contracts::auth::UserLoginFailed;
use db::Tx;
use problem::{Code, Problem};
use server::{Answer, Data, JsonOrForm, post};

use super::admission::{Admission, admit};
use super::begin::Entry;
use super::credentials::Credentials;
use super::issue::TokensView;
use super::visitor::Visitor;
use crate::accounts::row::UserRow;
use crate::accounts::rules::Identifier;
use crate::devices::ShownDevice;
use crate::history::Failure;
use crate::locks::{self, Claim, Origin};
use crate::pace::Pace;
use crate::state::State;
use crate::{accounts, codes, history};

/// Opens a session. Whether an account exists shows neither in the answer nor in its time: refusals come after a quarter
/// of a second. Whether its address is proven shows only to who knows the password. After too many wrong passwords not
/// even the right one is looked at, but from a browser that the account knows. Where the account has a second factor the
/// right password is answered 401 `mfa_required`, with a token to show that with.
#[utoipa::path(tag = "auth", operation_id = "log_in", security(()),
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))))]
#[post("/auth/login")]
pub async fn login(
    state: Data<State>,
    visitor: Visitor,
    shown: ShownDevice,
    body: JsonOrForm<Credentials>,
) -> Answer<TokensView> {
    let (identifier, device) = body.read()?;
    let attempt = Attempt { state: &state, visitor: &visitor, shown: &shown, identifier, device };
    attempt.allowed().await?;
    let pace = Pace::begin().await;
    let entered = attempt.enter(&body.password).await;
    if entered.is_err() {
        pace.even().await;
    }
    entered?.answer(&state)
}

struct Attempt<'a> {
    state: &'a State,
    visitor: &'a Visitor,
    shown: &'a ShownDevice,
    identifier: Identifier,
    device: Option<String>,
}

impl Attempt<'_> {
    /// So many a minute for one name from one address, whether the name exists or not. It comes first since it asks no
    /// database; what it lets pass is counted by its outcome (see [`locks`]).
    async fn allowed(&self) -> Result<(), Problem> {
        let policy = &self.state.policies.login;
        let key = limits::Key::of(&(self.named(), self.visitor.counted()));
        let decision = self.state.limiter.check_shared(policy, key, 1).await;
        if decision.allowed { Ok(()) } else { Err(decision.problem(policy)) }
    }

    async fn enter(&self, password: &str) -> Result<Admission, Problem> {
        let place = self.state.hasher.place()?;
        let (user, claim) = self.state.db.tx(async |tx: &mut Tx| self.claim(tx).await).await?;
        let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let verdict = match self.state.hasher.verify(place, password, stored).await {
            Ok(verdict) => verdict,
            Err(problem) => return self.give_back(&claim, problem).await,
        };
        let user = match user {
            Some(user) if verdict.right => user,
            user => return self.refuse(user.as_ref(), &claim, "wrong_credentials", &codes::INVALID_CREDENTIALS).await,
        };
        if !user.is_active {
            return self.refuse(Some(&user), &claim, "disabled", &codes::ACCOUNT_DISABLED).await;
        }
        if !user.is_verified && self.state.require_verified_email {
            return self.refuse(Some(&user), &claim, "not_verified", &codes::EMAIL_NOT_VERIFIED).await;
        }
        let _turn = self.state.turns.of(&user.id).await;
        let (user, claim, rehashed) = (&user, &claim, verdict.rehashed.as_deref());
        self.state.db.tx(async |tx: &mut Tx| self.open(tx, user, claim, rehashed).await).await
    }

    /// Whom somebody says to be, and the attempt, counted before its password is looked at.
    async fn claim(&self, tx: &mut Tx) -> Result<(Option<UserRow>, Claim), Problem> {
        let user = accounts::named(tx, &self.identifier).await?;
        let origin = Origin::of(tx, user.as_ref().map(|user| user.id), self.visitor, self.shown).await?;
        let name = self.state.secrets.track(self.named());
        let claim = locks::claim(tx, &self.state.clock, &name, &origin).await?;
        Ok((user, claim))
    }

    /// The password was not looked at, because of `problem`.
    async fn give_back<T>(&self, claim: &Claim, problem: Problem) -> Result<T, Problem> {
        self.state.db.tx(async |tx: &mut Tx| locks::give_back(tx, claim).await).await?;
        Err(problem)
    }

    /// Lets him in who knew the password, if nothing changed since it was checked.
    async fn open(
        &self,
        tx: &mut Tx,
        checked: &UserRow,
        claim: &Claim,
        rehashed: Option<&str>,
    ) -> Result<Admission, Problem> {
        let gone = || codes::unauthorized(&codes::INVALID_CREDENTIALS);
        let same = accounts::locked(tx, checked.id).await?;
        let same = same.filter(|user| user.is_active && user.password_hash == checked.password_hash);
        same.ok_or_else(gone)?;
        locks::forgive(tx, claim).await?;
        let account = accounts::whole(tx, checked.id).await?.ok_or_else(gone)?;
        let (visitor, shown, device_name) = (self.visitor, self.shown, self.device.as_deref());
        let entry = Entry { account, visitor, shown, device_name, amr: &["pwd"] };
        let admission = admit(tx, self.state, entry).await?;
        match &admission {
            Admission::Open(_) => accounts::note_login(tx, checked, rehashed).await?,
            Admission::Challenged(_) => accounts::rehash(tx, checked, rehashed).await?,
        }
        Ok(admission)
    }

    /// Notes the failure, tells it, and says `code`. Only a wrong password counts against the name.
    async fn refuse<T>(
        &self,
        user: Option<&UserRow>,
        claim: &Claim,
        reason: &'static str,
        code: &'static Code,
    ) -> Result<T, Problem> {
        let user = user.map(|user| user.id);
        let failure = Failure {
            reason,
            identifier_hmac: self.state.secrets.track(self.named()),
            ip_hmac: self.visitor.address.map(|address| self.state.secrets.track(&address.to_string())),
            visitor: self.visitor,
        };
        let failure = &failure;
        let noted = self.state.db.tx(async |tx: &mut Tx| -> Result<(), Problem> {
            match code.status {
                401 => locks::fail(tx, claim, user, failure.visitor).await?,
                _ => locks::forgive(tx, claim).await?,
            }
            history::note_failure(tx, user, failure).await?;
            let failed = UserLoginFailed {
                user_id: user,
                identifier_hmac: failure.identifier_hmac.clone(),
                ip_hmac: failure.ip_hmac.clone(),
                reason: failure.reason.into(),
            };
            outbox::emit(tx, &failed).await?;
            Ok(())
        });
        noted.await?;
        metrics::counter!("logins_failed_total", "reason" => reason).increment(1);
        Err(if code.status == 401 { codes::unauthorized(code) } else { Problem::new(code) })
    }

    fn named(&self) -> &str {
        match &self.identifier {
            Identifier::Email(text) | Identifier::Username(text) => text,
        }
    }
}
