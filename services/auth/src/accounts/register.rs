//! POST /auth/register: an account for an address, to be proven by the link that is mailed to it.

use contracts::auth::{Method, UserRegistered};
use contracts::{Language, Role, Roles, Tier, UserId};
use db::idempotency::{self, Once};
use db::{OnConstraint, Ts, Tx};
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{AnswerExt, Created, Data, IdempotencyKey, Json, Lang, created, post};
use utoipa::ToSchema;

use super::row::{NewUserRow, ProfileRow, StoredRoles, UserRow};
use super::rules::{self, Identifier};
use super::view::{NewcomerView, RegisteredView};
use super::{mail_account_exists, mail_link, queries, tell_contact};
use crate::codes;
use crate::pace::Pace;
use crate::secrets::identity_of;
use crate::state::State;

/// What somebody registers with.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "email": "ada@example.org", "password": "sept-vaches-bleues", "username": "ada", "full_name": "Ada Lovelace",
    "locale": "fr",
}))]
pub struct Registration {
    /// The address; a link is mailed to it.
    #[schema(max_length = 255, format = Email)]
    email: String,
    /// 8 to 128 characters, none of those that everybody tries first.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    password: String,
    /// A name for others.
    #[schema(min_length = 3, max_length = 50, pattern = "^[a-z0-9_.]+$")]
    username: Option<String>,
    /// A name in full.
    #[schema(max_length = 100)]
    full_name: Option<String>,
    /// The language to be spoken to in; else that of `Accept-Language`.
    #[schema(pattern = "^(fr|en)")]
    locale: Option<String>,
}

/// A registration that is fit, without its password.
#[derive(Serialize)]
struct Draft {
    email: String,
    username: Option<String>,
    full_name: Option<String>,
    locale: Language,
}

/// Registers an account. The answer and its time are the same for an address that has one: its owner is mailed.
#[utoipa::path(tag = "auth", operation_id = "register_account", security(()),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key does nothing more.")))]
#[post("/auth/register")]
pub async fn register(
    state: Data<State>,
    lang: Lang,
    key: IdempotencyKey,
    body: Json<Registration>,
) -> Created<RegisteredView> {
    let pace = Pace::begin().await;
    let registration = body.into_inner();
    let draft = Draft::of(&registration, lang)?;
    state.passwords.check(&registration.password, &draft.own_words()).map_err(codes::weak)?;
    let password_hash = state.hasher.hash(&registration.password).await?;
    let again = registers_again(&state, &draft, &registration.password).await?;
    let mails_again = state.limiter.check_shared(&state.policies.mail, draft.email.as_str(), 1).await.allowed;
    let key = key.0.map(|key| idempotency::Key::new(identity_of(&draft.email), &key, "register", &draft));
    let enrolment = Enrolment { state: &state, draft: &draft, password_hash, again, mails_again };
    let (enrolment, turn) = (&enrolment, state.turns.of(&draft.email).await);
    let done = state.db.tx(async |tx: &mut Tx| enrolment.once(tx, key).await).await?;
    drop(turn);
    pace.even().await;
    created(done.value).replayed(done.replayed)
}

impl Draft {
    fn of(asked: &Registration, Lang(lang): Lang) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let email = rules::address(&asked.email).map_err(|unfit| faults.push(("/email", unfit)));
        let username = asked.username.as_deref().map(rules::username).transpose();
        let username = username.map_err(|unfit| faults.push(("/username", unfit)));
        let full_name = rules::line(asked.full_name.as_deref().unwrap_or_default());
        let full_name = full_name.map_err(|unfit| faults.push(("/full_name", unfit)));
        let locale = asked.locale.as_deref().map_or_else(|| rules::language(lang.tag()), rules::language);
        let locale = locale.map_err(|unfit| faults.push(("/locale", unfit)));
        match (email, username, full_name, locale) {
            (Ok(email), Ok(username), Ok(full_name), Ok(locale)) => Ok(Self { email, username, full_name, locale }),
            _ => Err(codes::unfit(faults)),
        }
    }

    /// What a password must not repeat.
    fn own_words(&self) -> Vec<&str> {
        let words = [Some(self.email.as_str()), self.username.as_deref(), self.full_name.as_deref()];
        words.into_iter().flatten().collect()
    }

    fn view(&self, id: UserId) -> RegisteredView {
        let user = NewcomerView {
            id,
            email: self.email.clone(),
            username: self.username.clone(),
            roles: Roles::default().with(Role::User),
            tier: Tier::Free,
            is_verified: false,
        };
        RegisteredView { user }
    }
}

/// Whether the name in the draft is held by the account of its own address: somebody registers a second time. Only who
/// knows that account's password may learn so; to all others the name is taken.
async fn registers_again(state: &State, draft: &Draft, password: &str) -> Result<bool, Problem> {
    let Some(username) = &draft.username else { return Ok(false) };
    let mut conn = state.db.conn().await?;
    let holder = queries::named(&mut conn, &Identifier::Username(username.clone())).await?;
    drop(conn);
    let Some(holder) = holder else { return Ok(false) };
    if holder.email == draft.email {
        let place = state.hasher.place()?;
        let verdict = state.hasher.verify(place, password, holder.password_hash.as_deref()).await?;
        if verdict.right {
            return Ok(true);
        }
    }
    Err(Problem::new(&codes::USERNAME_TAKEN))
}

/// All that a registration writes.
struct Enrolment<'a> {
    state: &'a State,
    draft: &'a Draft,
    password_hash: String,
    /// The name is its own already.
    again: bool,
    /// The address was not mailed too often yet.
    mails_again: bool,
}

impl Enrolment<'_> {
    async fn once(&self, tx: &mut Tx, key: Option<idempotency::Key>) -> Result<Once<RegisteredView>, Problem> {
        idempotency::once(tx, key, async |tx: &mut Tx| self.run(tx).await).await
    }

    async fn run(&self, tx: &mut Tx) -> Result<RegisteredView, Problem> {
        let now = tx.now();
        let id = UserId::at(now);
        let new = NewUserRow {
            id,
            email: &self.draft.email,
            username: self.draft.username.as_deref().filter(|_| !self.again),
            password_hash: Some(&self.password_hash),
            locale: self.draft.locale.tag(),
            roles: StoredRoles(Roles::default().with(Role::User)),
            tier: Tier::Free.name(),
            is_verified: false,
            created_at: Ts(now),
            updated_at: Ts(now),
        };
        match queries::insert(tx, &new).await.on_constraint("users_username_key", &codes::USERNAME_TAKEN)? {
            Some(user) => self.enrol(tx, &user).await?,
            None => self.remind(tx).await?,
        }
        Ok(self.draft.view(id))
    }

    /// A new account: its copy of the profile, what the others are told, and the link.
    async fn enrol(&self, tx: &mut Tx, user: &UserRow) -> Result<(), Problem> {
        let profile = ProfileRow {
            user_id: user.id,
            full_name: self.draft.full_name.clone(),
            profile_picture_url: None,
            preferences: None,
            version: 0,
            updated_at: user.created_at,
        };
        queries::write_profile(tx, &profile).await?;
        let registered =
            UserRegistered { user_id: user.id, method: Method::Password, locale: user.language(), tier: user.tier() };
        outbox::emit(tx, &registered).await?;
        tell_contact(tx, user, self.draft.full_name.clone()).await?;
        mail_link(tx, &self.state.public_url, user, self.draft.full_name.as_deref(), None).await?;
        metrics::counter!("users_registered_total").increment(1);
        Ok(())
    }

    /// An address that has an account: only its owner learns of it. Where it was never proven, whoever proves it now is
    /// the owner, with the password chosen now; but not of an account that was made for somebody by invitation, since
    /// it may have more roles than a stranger's password should open.
    async fn remind(&self, tx: &mut Tx) -> Result<(), Problem> {
        let Some(user) = queries::locked_at(tx, &self.draft.email).await? else { return Ok(()) };
        if !self.mails_again || !user.is_active {
            return Ok(());
        }
        let site = &self.state.public_url;
        if user.is_verified || user.password_hash.is_none() {
            return mail_account_exists(tx, site, &user).await;
        }
        mail_link(tx, site, &user, self.draft.full_name.as_deref(), Some(self.password_hash.clone())).await
    }
}
