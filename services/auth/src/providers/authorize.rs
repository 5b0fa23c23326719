//! GET /auth/google and GET /auth/oauth/{provider}: the way to a provider.

use actix_web::HttpResponse;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use problem::Problem;
use serde::{Deserialize, Serialize};
use server::{Data, Path, Query, Raw, Refusal, get};
use utoipa::{IntoParams, ToSchema};

use super::browser::Browser;
use super::journey::{Departure, Wish};
use super::rules::{self, Refused};
use super::{set_out, ticket};
use crate::codes::providers::{PKCE_REQUIRED, REDIRECT_NOT_ALLOWED};
use crate::state::State;

/// Where an application wants its user sent back to. Without it, the tokens are answered as JSON. With a ticket, which
/// stands in an address that was answered to whoever links a provider, all else is left aside.
#[derive(Deserialize, garde::Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct Return {
    /// One of the registered addresses, exactly as it is registered.
    redirect_uri: Option<String>,
    /// The SHA-256 of a secret that the application keeps, in base64url: 43 characters.
    code_challenge: Option<String>,
    /// `S256`, which may be left out.
    code_challenge_method: Option<String>,
    /// What somebody who is signed in was given to link this provider, once and within a minute.
    ticket: Option<String>,
}

/// Where to go.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authorization {
    /// The provider's page, to which the cookie that comes with this answer belongs; or one of ours, which sets it.
    authorization_url: String,
}

/// Says where somebody signs in at a provider, within ten minutes and in this browser. A browser is sent there.
#[utoipa::path(tag = "auth", operation_id = "sign_in_through_provider", security(()),
    params(("provider" = String, Path, description = "Its name."), Return),
    responses((status = 200, description = "Where to go.", body = Authorization),
        (status = 302, description = "The same, for a browser.")))]
#[get("/auth/oauth/{provider}")]
pub async fn authorize(
    state: Data<State>,
    provider: Path<String>,
    browser: Browser,
    wanted: Query<Return>,
) -> Result<Raw, Refusal> {
    start(&state, &provider, &browser, &wanted).await
}

/// The same for Google.
#[utoipa::path(tag = "auth", operation_id = "sign_in_through_google", security(()), params(Return),
    responses((status = 200, description = "Where to go.", body = Authorization),
        (status = 302, description = "The same, for a browser.")))]
#[get("/auth/google")]
pub async fn authorize_google(state: Data<State>, browser: Browser, wanted: Query<Return>) -> Result<Raw, Refusal> {
    start(&state, rules::GOOGLE, &browser, &wanted).await
}

async fn start(state: &State, provider: &str, browser: &Browser, wanted: &Return) -> Result<Raw, Refusal> {
    state.providers.named(provider)?;
    let Return { redirect_uri, code_challenge, code_challenge_method, ticket } = wanted;
    if let Some(ticket) = ticket {
        let wish = ticket::redeem(state, provider, ticket).await?;
        return Ok(departed(&set_out(state, provider, wish).await?, browser.wants_page));
    }
    let method = code_challenge_method.as_deref();
    let listed = state.providers.redirect_uris();
    let destination = rules::destination(listed, redirect_uri.as_deref(), code_challenge.as_deref(), method);
    let wish = destination.map_err(refused)?.map_or_else(Wish::default, |destination| Wish {
        redirect_uri: Some(destination.redirect_uri),
        code_challenge: Some(destination.code_challenge),
        owner: None,
    });
    let departure = set_out(state, provider, wish).await?;
    Ok(departed(&departure, browser.wants_page))
}

/// Why somebody is not sent on.
pub(crate) fn refused(refused: Refused) -> Problem {
    Problem::new(match refused {
        Refused::NotListed => &REDIRECT_NOT_ALLOWED,
        Refused::NoChallenge => &PKCE_REQUIRED,
    })
}

/// The answer to a page that is to send its browser to an address of ours, where the journey begins.
pub(crate) fn told(authorization_url: String) -> Raw {
    Raw(HttpResponse::Ok().json(Authorization { authorization_url }))
}

/// The answer to somebody about to go.
pub(crate) fn departed(departure: &Departure, goes_at_once: bool) -> Raw {
    let cookie = (SET_COOKIE, departure.cookie.as_str());
    if goes_at_once {
        let there = (LOCATION, departure.url.as_str());
        return Raw(HttpResponse::Found().insert_header(cookie).insert_header(there).finish());
    }
    let authorization = Authorization { authorization_url: departure.url.to_string() };
    Raw(HttpResponse::Ok().insert_header(cookie).json(authorization))
}
