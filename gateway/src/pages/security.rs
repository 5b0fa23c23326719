//! Whom to tell about a hole (RFC 9116).

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::Written;

/// How long the page may be believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24 * 180);

/// The text, for a gateway that is called `public_url`.
pub(crate) fn security_txt(public_url: &Url, now: Timestamp) -> Written {
    let host = public_url.host_str().unwrap_or("localhost");
    let expires = now.checked_add(BELIEVED).unwrap_or(now);
    let text = format!(
        "Contact: mailto:security@{host}\nExpires: {expires}\nPreferred-Languages: fr, en\n\
         Canonical: {public_url}.well-known/security.txt\n"
    );
    Written::new(200, "text/plain; charset=utf-8", text).cached(3_600)
}
