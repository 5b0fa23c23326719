//! The refresh token in a cookie, for browsers that may not hold it otherwise.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use problem::Problem;
use url::Url;

use crate::codes;

/// Its name: `__Host-` binds it to this host, over TLS, for every path.
pub const NAME: &str = "__Host-rt";

/// The refresh token that the request's cookie holds, if it holds one. A page of another site may not send it.
pub fn read(request: &HttpRequest, public_url: &Url) -> Result<Option<String>, Problem> {
    let Some(cookie) = request.cookie(NAME) else { return Ok(None) };
    if came_from_elsewhere(request, public_url) {
        return Err(Problem::new(&codes::CROSS_SITE));
    }
    Ok(Some(cookie.value().to_owned()))
}

/// The header that puts the next one in its place.
pub fn write(token: &str, max_age_secs: i64) -> String {
    let cookie = Cookie::build(NAME, token)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(time::Duration::seconds(max_age_secs));
    cookie.finish().to_string()
}

/// By what browsers say of themselves (`Sec-Fetch-Site`, else `Origin`); programs say neither.
fn came_from_elsewhere(request: &HttpRequest, public_url: &Url) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "same-site" | "none"),
        (None, Some(origin)) => origin != public_url.origin().ascii_serialization(),
        (None, None) => false,
    }
}
