//! The token of a device in a cookie. It opens nothing by itself: it only tells a device that was here before.

use std::future::{Ready, ready};

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use server::Refusal;

use super::KEPT;
use crate::secrets::Token;

/// Its name: `__Host-` binds it to this host, over TLS, for every path.
pub const NAME: &str = "__Host-device";

/// The token that the request's cookie holds, if it holds one.
#[derive(Clone, Default)]
pub struct ShownDevice(pub Option<Token>);

impl FromRequest for ShownDevice {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.cookie(NAME).and_then(|cookie| Token::read(cookie.value())))))
    }
}

/// The header that keeps a token in the browser.
pub fn write(token: &Token) -> String {
    let cookie = Cookie::build(NAME, token.show())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::seconds(KEPT.as_secs()));
    cookie.finish().to_string()
}
