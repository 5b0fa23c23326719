//! From a Problem to an answer, in the caller's language.

use http::{HeaderName, HeaderValue, Response, StatusCode};
use problem::Problem;

use crate::way::Facts;
use crate::wire::Outgoing;

/// The answer that refuses a request.
pub(crate) fn refuse(problem: &Problem, facts: &mut Facts) -> Response<Outgoing> {
    if problem.status() >= 500 {
        facts.failure = Some(problem.to_string().into_boxed_str());
    }
    let rendered = problem.render(facts.language, &facts.context.request_id, &facts.asked);
    let mut answer = Response::new(Outgoing::whole(rendered.body));
    *answer.status_mut() = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in rendered.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    answer
}
