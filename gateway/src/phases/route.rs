//! Which route a request takes: 404 where nothing stands, 405 with `Allow` where another method would.

use http::Method;
use problem::{Problem, codes};

use super::dialect::Canonical;
use crate::table::Route;

/// The index of the route for `method` at `found`.
pub(crate) fn route(found: Option<&Canonical<'_>>, method: &Method) -> Result<usize, Problem> {
    let place = found.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.place;
    place.route(method).ok_or_else(|| {
        Problem::new(&codes::METHOD_NOT_ALLOWED).with("allow", place.allow()).header("allow", place.allow())
    })
}

/// Refuses at once a body that is at least this large, where that is more than the route takes.
pub(crate) fn fits(route: &Route, body_size: u64) -> Result<(), Problem> {
    if body_size > route.body_cap {
        return Err(Problem::new(&codes::TOO_LARGE).with("limit", route.body_cap));
    }
    Ok(())
}
