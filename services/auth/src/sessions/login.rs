//! POST /auth/login: a session for an address or a name and its password.

use contracts::auth::UserLoginFailed;
use db::Tx;
use problem::{Code, Problem};
use server::{Answer, Data, JsonOrForm, answer, post};

use super::begin::{Entry, begin};
use super::credentials::Credentials;
use super::issue::{Open, TokensView};
use super::visitor::Visitor;
use crate::accounts::row::UserRow;
use crate::accounts::rules::Identifier;
use crate::history::Failure;
use crate::state::State;
use crate::{accounts, codes, history};

/// Opens a session. Whether an account exists shows neither in the answer nor in its time; whether its address is
/// proven, only to who knows the password.
#[utoipa::path(tag = "auth", operation_id = "log_in", security(()),
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))))]
#[post("/auth/login")]
pub async fn login(state: Data<State>, visitor: Visitor, body: JsonOrForm<Credentials>) -> Answer<TokensView> {
    let (identifier, device) = body.read()?;
    let attempt = Attempt { state: &state, visitor: &visitor, identifier, device };
    attempt.allowed().await?;
    let open = attempt.enter(&body.password).await?;
    let now = state.clock.now();
    answer(open.tokens(&state, now)?)
}

struct Attempt<'a> {
    state: &'a State,
    visitor: &'a Visitor,
    identifier: Identifier,
    device: Option<String>,
}

impl Attempt<'_> {
    /// So many a minute for one name from one address, whether the name exists or not.
    async fn allowed(&self) -> Result<(), Problem> {
        let policy = &self.state.policies.login;
        let key = limits::Key::of(&(self.named(), self.visitor.address));
        let decision = self.state.limiter.check_shared(policy, key, 1).await;
        if decision.allowed { Ok(()) } else { Err(decision.problem(policy)) }
    }

    async fn enter(&self, password: &str) -> Result<Open, Problem> {
        let place = self.state.hasher.place()?;
        let mut conn = self.state.db.conn().await?;
        let user = accounts::named(&mut conn, &self.identifier).await?;
        drop(conn);
        let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let verdict = self.state.hasher.verify(place, password, stored).await?;
        let user = match user {
            Some(user) if verdict.right => user,
            user => return self.refuse(user.as_ref(), "wrong_credentials", &codes::INVALID_CREDENTIALS).await,
        };
        if !user.is_active {
            return self.refuse(Some(&user), "disabled", &codes::ACCOUNT_DISABLED).await;
        }
        if !user.is_verified && self.state.require_verified_email {
            return self.refuse(Some(&user), "not_verified", &codes::EMAIL_NOT_VERIFIED).await;
        }
        let _turn = self.state.turns.of(&user.id).await;
        let (user, rehashed) = (&user, verdict.rehashed.as_deref());
        self.state.db.tx(async |tx: &mut Tx| self.open(tx, user, rehashed).await).await
    }

    /// Opens the session, if nothing changed since the password was checked.
    async fn open(&self, tx: &mut Tx, checked: &UserRow, rehashed: Option<&str>) -> Result<Open, Problem> {
        let same = accounts::locked(tx, checked.id).await?;
        let same = same.filter(|user| user.is_active && user.password_hash == checked.password_hash);
        same.ok_or_else(|| codes::unauthorized(&codes::INVALID_CREDENTIALS))?;
        accounts::note_login(tx, checked, rehashed).await?;
        let account = accounts::whole(tx, checked.id).await?;
        let account = account.ok_or_else(|| codes::unauthorized(&codes::INVALID_CREDENTIALS))?;
        let entry = Entry { account, visitor: self.visitor, device_name: self.device.as_deref(), amr: &["pwd"] };
        begin(tx, &self.state.secrets, entry).await
    }

    /// Notes the failure, tells it, and says `code`.
    async fn refuse<T>(&self, user: Option<&UserRow>, reason: &'static str, code: &'static Code) -> Result<T, Problem> {
        let user = user.map(|user| user.id);
        let failure = Failure {
            reason,
            identifier_hmac: self.state.secrets.track(self.named()),
            ip_hmac: self.visitor.address.map(|address| self.state.secrets.track(&address.to_string())),
            visitor: self.visitor,
        };
        let failure = &failure;
        let noted = self.state.db.tx(async |tx: &mut Tx| -> Result<(), Problem> {
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
