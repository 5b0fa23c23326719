//! What somebody is told who came back from a provider: an application by an address, all others by JSON.

use actix_web::HttpResponse;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use db::Tx;
use problem::Problem;
use server::{Raw, Refusal};
use url::Url;

use super::browser::{self, Browser};
use super::journey::Journey;
use crate::accounts;
use crate::accounts::row::AccountRow;
use crate::devices;
use crate::identities::view::IdentityView;
use crate::secrets::Token;
use crate::sessions::admission::{Admission, admit};
use crate::sessions::begin::{Begun, Entry};
use crate::sessions::issue::TokensView;
use crate::state::State;

/// What a session is opened by that a provider vouched for.
const FEDERATED: [&str; 1] = ["fed"];

/// What became of a journey.
pub enum Landing {
    /// A session, and what its browser keeps to be known again.
    Session(Box<TokensView>, Token),
    /// What an application exchanges for one.
    Code(Token),
    /// What an application has an identity attached by.
    Held(Token),
    /// The provider opens the account from now on.
    Linked(IdentityView),
}

/// Opens the account for somebody whom a provider vouched for, or asks for what else the account wants to see.
pub async fn open(
    tx: &mut Tx,
    state: &State,
    account: AccountRow,
    browser: &Browser,
    device_name: Option<&str>,
) -> Result<Admission, Problem> {
    let user = account.user.clone();
    let (visitor, shown) = (&browser.visitor, &browser.shown);
    let admission = admit(tx, state, Entry { account, visitor, shown, device_name, amr: &FEDERATED }).await?;
    if matches!(admission, Admission::Open(_)) {
        accounts::note_login(tx, &user, None).await?;
    }
    Ok(admission)
}

/// The tokens of an account that was opened, and what the browser keeps.
pub fn tokens(state: &State, admission: Admission) -> Result<(TokensView, Token), Problem> {
    match admission {
        Admission::Open(Begun { open, device }) => Ok((open.tokens(state, state.clock.now())?, device)),
        Admission::Challenged(challenged) => Err(Problem::from(challenged)),
    }
}

/// The answer. Whatever it is, the journey is over.
pub fn answer(journey: &Journey, landed: Result<Landing, Problem>) -> Result<Raw, Refusal> {
    let back_to = journey.wish.redirect_uri.as_deref();
    let mut fine = HttpResponse::Ok();
    fine.append_header((SET_COOKIE, browser::put_down()));
    Ok(Raw(match (landed, back_to) {
        (Ok(Landing::Session(tokens, device)), _) => {
            fine.append_header((SET_COOKIE, devices::cookie::write(&device))).json(*tokens)
        }
        (Ok(Landing::Linked(identity)), None) => fine.json(identity),
        (Ok(Landing::Linked(identity)), Some(uri)) => sent(uri, ("linked", identity.provider.as_str()), &[]),
        (Ok(Landing::Held(code)), uri) => sent(uri.unwrap_or_default(), ("link_code", code.show().as_str()), &[]),
        (Ok(Landing::Code(code)), uri) => sent(uri.unwrap_or_default(), ("code", code.show().as_str()), &[]),
        (Err(problem), None) => return Err(problem.header("set-cookie", browser::put_down()).into()),
        (Err(problem), Some(uri)) => refused(uri, &problem),
    }))
}

/// An application learns the word alone; the rest stands in the log.
fn refused(uri: &str, problem: &Problem) -> HttpResponse {
    if problem.status() >= 500 {
        tracing::warn!(error = %problem, "a sign-in through a provider failed");
    }
    sent(uri, ("error", problem.code().code), problem.headers())
}

fn sent(uri: &str, (name, value): (&str, &str), headers: &[(&'static str, String)]) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.append_header((SET_COOKIE, browser::put_down()));
    for (_, cookie) in headers.iter().filter(|(name, _)| *name == "set-cookie") {
        answer.append_header((SET_COOKIE, cookie.as_str()));
    }
    answer.insert_header((LOCATION, with(uri, name, value))).finish()
}

/// The address with one more pair in its query.
fn with(uri: &str, name: &str, value: &str) -> String {
    match Url::parse(uri) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair(name, value);
            url.into()
        }
        Err(_) => uri.to_owned(),
    }
}
