//! A place at the service: not where it has enough to do, not where it has been failing.

use problem::{Problem, codes};

use crate::table::Route;
use crate::upstream::{Lease, Refused, Services};

/// A place at the service with this index for a request on `route`.
pub(crate) fn choose(services: &Services, service: usize, route: &Route) -> Result<Lease, Problem> {
    services.admit(service, route.reserved).map_err(|refused| {
        let (wait_secs, why) = match refused {
            Refused::Full => (1, "as many requests in flight as it may have"),
            Refused::Resting => (5, "left alone after failures"),
        };
        Problem::new(&codes::UNAVAILABLE).header("retry-after", wait_secs).because(why)
    })
}
