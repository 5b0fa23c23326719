//! How a client is refused: by the words of RFC 6749 §5.2, which its library understands, and not by a problem.
//!
//! The description is English alone, since that RFC allows plain ASCII only and means it for whoever wrote the client.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use problem::Problem;
use serde::Serialize;
use server::{Raw, Refusal};
use utoipa::ToSchema;

/// Why a client gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Denial {
    /// A word of RFC 6749 or 8707.
    #[schema(example = "invalid_client")]
    error: &'static str,
    /// What to do about it.
    #[schema(example = "Sign a fresh assertion with your own key.")]
    error_description: &'static str,
    #[serde(skip)]
    status: u16,
}

/// 400: the form cannot be read, or lacks something.
pub const INVALID_REQUEST: Denial = Denial {
    error: "invalid_request",
    error_description: "Send a form (application/x-www-form-urlencoded) with each parameter once, and none left out.",
    status: 400,
};
/// 401: nobody proved who asks.
pub const INVALID_CLIENT: Denial = Denial {
    error: "invalid_client",
    error_description: "Prove who you are with client_assertion (RFC 7523): signed by your own key, for this issuer, \
                        good for at most five minutes, with a jti that was never used.",
    status: 401,
};
/// 400: tokens are given for nothing else.
pub const UNSUPPORTED_GRANT_TYPE: Denial = Denial {
    error: "unsupported_grant_type",
    error_description: "Use grant_type=client_credentials. People sign in at /api/v1/auth/login.",
    status: 400,
};
/// 400: there is no such service.
pub const INVALID_TARGET: Denial = Denial {
    error: "invalid_target",
    error_description: "Name one service that there is, as audience or as resource.",
    status: 400,
};
/// 400: there is no such scope.
pub const INVALID_SCOPE: Denial =
    Denial { error: "invalid_scope", error_description: "Leave scope out, or ask for api.", status: 400 };

/// Why there is no answer: something with the client, or something else.
#[derive(Debug)]
pub enum Refused {
    /// With the client.
    Denied(Denial),
    /// Anything else.
    Problem(Problem),
}

impl From<Denial> for Refused {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<db::Error> for Refused {
    fn from(error: db::Error) -> Self {
        Self::Problem(error.into())
    }
}

/// The answer that nobody keeps, or the refusal in its own form.
pub fn told(outcome: Result<HttpResponse, Refused>) -> Result<Raw, Refusal> {
    match outcome {
        Ok(answer) => Ok(Raw(answer)),
        Err(Refused::Denied(denial)) => Ok(Raw(denial.answer())),
        Err(Refused::Problem(problem)) => Err(Refusal(problem)),
    }
}

/// A view that nobody keeps.
pub fn unkept(view: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).insert_header(("pragma", "no-cache")).json(view)
}

impl Denial {
    fn answer(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST));
        if self.status == 401 {
            answer.insert_header(("www-authenticate", "Bearer realm=\"auth\""));
        }
        answer.insert_header(("cache-control", "no-store")).insert_header(("pragma", "no-cache")).json(self)
    }
}
