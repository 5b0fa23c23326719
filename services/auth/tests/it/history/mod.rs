//! The history.

mod list;
