//! The browser at the other end, with what it carries along.

use std::future::{Ready, ready};

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT;
use actix_web::{FromRequest, HttpRequest};
use jiff::SignedDuration;
use problem::Language;
use server::{Lang, Refusal};

use super::rules::JOURNEY_WITHIN;
use crate::accounts::rules::RESET_WITHIN;
use crate::devices::ShownDevice;
use crate::secrets::Token;
use crate::sessions::Visitor;

/// What is carried to a provider and back.
pub const JOURNEY: &str = "__Host-oauth-state";
/// What a mailed link looks for that attaches an identity.
pub const REQUEST: &str = "__Host-oauth-link";

/// A browser, or a program that is one to us.
#[derive(Clone, Default)]
pub struct Browser {
    /// From where it calls.
    pub visitor: Visitor,
    /// Whether it was here before.
    pub shown: ShownDevice,
    /// What its owner reads.
    pub language: Language,
    /// Whether its owner sees what is answered.
    pub wants_page: bool,
    /// What it carries from a journey.
    pub journey: Option<String>,
    /// What it keeps until a mailed link is opened.
    pub request: Option<Token>,
}

impl FromRequest for Browser {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(read(request, payload))
    }
}

fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Browser, Refusal> {
    let accepted = request.headers().get(ACCEPT).and_then(|kinds| kinds.to_str().ok()).unwrap_or_default();
    let wants_page = accepted.split([',', ';']).any(|kind| kind.trim().eq_ignore_ascii_case("text/html"));
    let cookie = |name| request.cookie(name).map(|cookie: Cookie<'_>| cookie.value().to_owned());
    Ok(Browser {
        visitor: Visitor::from_request(request, payload).into_inner()?,
        shown: ShownDevice::from_request(request, payload).into_inner()?,
        language: Lang::from_request(request, payload).into_inner()?.0,
        wants_page,
        journey: cookie(JOURNEY),
        request: cookie(REQUEST).and_then(|text| Token::read(&text)),
    })
}

/// The header by which a browser carries a journey along; it comes back by a link from elsewhere, so it is lax.
pub fn carry(journey: &str) -> String {
    kept(JOURNEY, journey, JOURNEY_WITHIN)
}

/// The header by which it forgets one that is over.
pub fn put_down() -> String {
    kept(JOURNEY, "", SignedDuration::ZERO)
}

/// The header by which it keeps what a mailed link will look for.
pub fn await_link(request: &Token) -> String {
    kept(REQUEST, &request.show(), RESET_WITHIN)
}

fn kept(name: &str, value: &str, within: SignedDuration) -> String {
    let cookie = Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::seconds(within.as_secs()));
    cookie.finish().to_string()
}
