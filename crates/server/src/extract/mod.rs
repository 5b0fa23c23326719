//! What handlers take: one type for each thing that a request says, so that forgetting to ask does not compile.
//!
//! Each refuses with a [`crate::Refusal`] what it cannot be. Start with [`Json`] and [`Caller`].

pub(crate) mod body;
mod headers;
mod page;
mod parts;
mod who;

pub use body::{Body, Json, JsonOrForm};
pub use headers::{IdempotencyKey, IfMatch, Lang};
pub use page::Page;
pub use parts::{Path, Query};
pub use who::{Admin, Bearer, Caller, Coach, MaybeCaller, RecentAdmin, SecureAdmin, ServiceCaller};

use actix_web::HttpRequest;

/// A header as text.
pub(crate) fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}
