//! Entries: written, read by whoever wrote them.
//!
//! To everybody else there is no such entry (404). Start with [`create`], then [`rules`].

pub mod create;
pub mod get;

pub mod queries;
pub mod row;
pub mod rules;
pub mod view;
