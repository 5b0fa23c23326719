//! Decide whether this caller may call again now (GCRA).
//!
//! One number per caller and policy: when its quota would be whole again. [`Limiter::check`] is synchronous and never
//! leaves the process; [`Limiter::check_shared`] is exact over all processes. Redis being away makes neither of them
//! fail or forget. No mark lies further ahead than its window. Start with [`Policy`] and [`Limiter`].

mod decision;
mod key;
mod limiter;
mod policy;
mod rules;
mod shared;
mod table;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;

pub use decision::Decision;
pub use key::Key;
pub use limiter::Limiter;
pub use policy::{Policy, Rate};

/// Work that runs beside the requests until it is told to stop.
pub type Background = Pin<Box<dyn Future<Output = ()> + Send>>;
