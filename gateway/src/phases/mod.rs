//! The phases of a request, in order; one function each. `lib.rs` runs them.
//!
//! A phase takes what it judges and answers what the next one needs, or the [`problem::Problem`] that ends the
//! request. None of them but [`gather`] and [`forward`] waits for anything.

mod account;
mod admission;
mod answer;
mod choose;
mod cors;
mod dialect;
mod forward;
mod gather;
mod identity;
mod normalise;
mod noted;
mod refuse;
mod route;
pub(crate) mod secure;

#[cfg(test)]
mod tests;

pub(crate) use account::{account, unreadable};
pub(crate) use admission::{Quota, Quotas, admission};
pub(crate) use answer::{answer, ends_here, unexplained};
pub(crate) use choose::choose;
pub(crate) use cors::{Cors, cors, preflight};
pub(crate) use dialect::dialect;
pub(crate) use forward::{anew, forward, outcome_of};
pub(crate) use gather::gather;
pub(crate) use identity::{Known, Tokens, identity};
pub(crate) use normalise::{Hosts, Target, normalise, path_only};
pub(crate) use noted::Noted;
pub(crate) use refuse::refuse;
pub(crate) use route::{fits, route};
pub(crate) use secure::{Own, is_ours, secure, write_secure};
