//! Work beside the requests.
//!
//! Each job is a loop over a `round`, which tests call by hand. Start with [`send`].

pub mod prune;
pub mod send;
