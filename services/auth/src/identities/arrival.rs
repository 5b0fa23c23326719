//! Somebody whom a provider vouches for: the account that he enters, a new one, or a mail to who decides.

use contracts::Language;
use contracts::auth::Method;
use db::Tx;
use problem::Problem;
use problem::codes::INTERNAL;

use super::attaching::{Attachment, attached};
use super::queries;
use super::row::{IdentityRow, RequestRow};
use super::rules::{self, Verdict};
use crate::accounts::guests::{self, Guest};
use crate::accounts::links::{self, Errand};
use crate::accounts::row::{AccountRow, UserRow};
use crate::accounts::rules::Purpose;
use crate::accounts::{self, rules as words};
use crate::codes::providers::EMAIL_MISSING;
use crate::ports::provider::{Person, Provider};
use crate::providers::rules::GOOGLE;
use crate::secrets::Token;
use crate::sessions::Visitor;
use crate::state::State;

/// Somebody whom a provider vouches for.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// What configuration calls the provider.
    pub provider: String,
    /// The provider's own address.
    pub issuer: String,
    /// Known by this there, for ever.
    pub subject: String,
    /// The address, in its one spelling.
    pub email: Option<String>,
    /// Whether the provider had it proven.
    pub email_verified: bool,
    /// A name in full.
    pub full_name: Option<String>,
    /// Where a picture is.
    pub picture: Option<String>,
    /// The language that his browser asks for.
    pub language: Language,
}

/// What was found for him.
pub enum Found {
    /// The account that he may enter.
    Account(Box<AccountRow>),
    /// The account that he would enter, which is closed.
    Closed(Box<UserRow>),
    /// Whoever reads the address's mail decides, if it has an account: with this in the browser.
    Confirm(Token),
}

impl Arrival {
    /// What is believed of what a provider says.
    pub fn of(provider: &Provider, person: Person, language: problem::Language) -> Self {
        let Person { subject, email, email_verified, full_name, picture } = person;
        Self {
            provider: provider.config.name.clone(),
            issuer: provider.config.issuer.clone(),
            subject,
            email: email.and_then(|text| words::address(&text).ok()),
            email_verified,
            full_name: full_name.and_then(|text| words::line(&text).ok().flatten()),
            picture: picture.filter(|text| rules::picture(text).is_some()),
            language: Language::of_tag(language.tag()).unwrap_or_default(),
        }
    }

    /// What one person is told from another by.
    pub fn key(&self) -> (&str, &str) {
        (&self.issuer, &self.subject)
    }

    fn guest<'a>(&'a self, email: &'a str) -> Guest<'a> {
        let method = if self.provider == GOOGLE { Method::Google } else { Method::Oidc };
        let (full_name, picture) = (self.full_name.as_deref(), self.picture.as_deref());
        Guest { email, full_name, picture, language: self.language, method }
    }
}

/// Fine unless somebody has to be mailed who was mailed too often already. Counted whether the address has an account
/// or not.
pub async fn may_ask(state: &State, arrival: &Arrival) -> Result<(), Problem> {
    let Some(email) = arrival.email.as_deref() else { return Ok(()) };
    let mut conn = state.db.conn().await?;
    let known = queries::of_subject(&mut conn, &arrival.issuer, &arrival.subject).await?.is_some();
    let here = guests::is_proven(&mut conn, email).await?;
    drop(conn);
    if known || rules::verdict(arrival.email_verified, here) != Verdict::Confirm {
        return Ok(());
    }
    accounts::may_mail(state, email).await
}

/// Finds the account of somebody, or makes one.
pub async fn find(tx: &mut Tx, state: &State, arrival: &Arrival, visitor: &Visitor) -> Result<Found, Problem> {
    if let Some(found) = known(tx, arrival).await? {
        return Ok(found);
    }
    let email = arrival.email.as_deref().ok_or_else(|| Problem::new(&EMAIL_MISSING))?;
    let mut here = guests::at(tx, email).await?;
    if rules::verdict(arrival.email_verified, here.as_ref().map(|user| user.is_verified)) == Verdict::Enrol {
        match guests::enrol(tx, &arrival.guest(email)).await? {
            Some(user) => return entered(tx, state, arrival, (&user, true), visitor).await,
            // Somebody else made it just now.
            None => here = guests::at(tx, email).await?,
        }
    }
    let proven = here.as_ref().map(|user| user.is_verified);
    match (rules::verdict(arrival.email_verified, proven), here) {
        (Verdict::Attach, Some(user)) if user.is_active => entered(tx, state, arrival, (&user, false), visitor).await,
        (Verdict::Attach, Some(user)) => Ok(Found::Closed(Box::new(user))),
        (_, user) => ask(tx, state, arrival, user.filter(|user| user.is_active)).await,
    }
}

/// The account that the identity opens. The account is locked before the identity is believed to be its own still.
async fn known(tx: &mut Tx, arrival: &Arrival) -> Result<Option<Found>, Problem> {
    let (issuer, subject) = arrival.key();
    let Some(seen) = queries::of_subject(tx, issuer, subject).await? else { return Ok(None) };
    let Some(user) = accounts::locked(tx, seen.user_id).await? else { return Ok(None) };
    let Some(identity) = own(queries::of_subject(tx, issuer, subject).await?, &user) else { return Ok(None) };
    if !user.is_active {
        return Ok(Some(Found::Closed(Box::new(user))));
    }
    let now = tx.now();
    queries::note_use(tx, identity.id, arrival.email.as_deref(), now).await?;
    let account = accounts::whole(tx, user.id).await?;
    Ok(account.map(|account| Found::Account(Box::new(account))))
}

fn own(identity: Option<IdentityRow>, user: &UserRow) -> Option<IdentityRow> {
    identity.filter(|identity| identity.user_id == user.id)
}

/// Attaches the identity to an account, which is new or not, and enters it.
async fn entered(
    tx: &mut Tx,
    state: &State,
    arrival: &Arrival,
    (user, is_new): (&UserRow, bool),
    visitor: &Visitor,
) -> Result<Found, Problem> {
    let title = (!is_new).then(|| state.providers.title(&arrival.provider));
    attached(tx, Attachment { arrival, user, session: None, visitor, title }).await?;
    let account = accounts::whole(tx, user.id).await?.ok_or_else(|| Problem::new(&INTERNAL))?;
    Ok(Found::Account(Box::new(account)))
}

/// Mails a link to the address, if it has an account. Only the browser that asked can use it.
async fn ask(tx: &mut Tx, state: &State, arrival: &Arrival, user: Option<UserRow>) -> Result<Found, Problem> {
    let browser = Token::random()?;
    let Some(user) = user else { return Ok(Found::Confirm(browser)) };
    links::void(tx, user.id, Purpose::LinkIdentity).await?;
    let errand =
        Errand { purpose: Purpose::LinkIdentity, user: &user, to: &user.email, name: None, password_hash: None };
    let title = state.providers.title(&arrival.provider);
    let token_hash = links::mailed(tx, &state.public_url, errand, &[("provider", title)]).await?;
    let request = RequestRow {
        token_hash,
        provider: arrival.provider.clone(),
        issuer: arrival.issuer.clone(),
        subject: arrival.subject.clone(),
        browser_hash: browser.digest(),
    };
    queries::insert_request(tx, &request).await?;
    Ok(Found::Confirm(browser))
}
