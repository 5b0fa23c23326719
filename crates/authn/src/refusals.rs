//! How a token is refused: 401 with a challenge, and where to sign in.

use jiff::SignedDuration;
use problem::{Code, Problem, codes};

use crate::SECOND_FACTOR;

/// Where to sign in.
pub const LOGIN_URL: &str = "/api/v1/auth/login";

/// So long after somebody proved who he is nothing more has to be shown, whatever he does.
pub const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// No token came with the request.
pub fn missing() -> Problem {
    Problem::new(&codes::UNAUTHENTICATED).header("www-authenticate", "Bearer").member("login_url", LOGIN_URL)
}

/// A good token, but its owner has to prove anew who he is: with the challenge of RFC 9470, which says how young the
/// proof has to be.
pub fn step_up() -> Problem {
    let challenge = format!("Bearer error=\"insufficient_user_authentication\", max_age={}", RECENT.as_secs());
    Problem::new(&codes::STEP_UP_REQUIRED).header("www-authenticate", challenge).member("login_url", LOGIN_URL)
}

/// A good token, however fresh, but of a session without a second factor: with the challenge of RFC 9470, which says that
/// one has to be shown. A fresh proof by one factor does not answer it.
pub fn second_factor() -> Problem {
    let challenge = "Bearer error=\"insufficient_user_authentication\", \
        error_description=\"a second factor has to be shown\", acr_values=\"mfa\"";
    let problem = Problem::new(&codes::STEP_UP_REQUIRED).header("www-authenticate", challenge);
    problem.member("login_url", LOGIN_URL).member("needs", SECOND_FACTOR)
}

/// A token that is not ours, was changed, or is not for this.
pub(crate) fn invalid() -> Problem {
    refused(&codes::UNAUTHENTICATED)
}

/// A token that was ours once, or will be.
pub(crate) fn expired() -> Problem {
    refused(&codes::TOKEN_EXPIRED)
}

/// A token whose session has ended.
pub(crate) fn revoked() -> Problem {
    refused(&codes::TOKEN_REVOKED)
}

/// Nobody's token can be judged yet.
pub(crate) fn not_ready() -> Problem {
    Problem::new(&codes::UNAVAILABLE).header("retry-after", 1)
}

fn refused(code: &'static Code) -> Problem {
    Problem::new(code).header("www-authenticate", "Bearer error=\"invalid_token\"").member("login_url", LOGIN_URL)
}
