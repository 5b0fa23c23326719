//! The rules of the house, as functions over a tree of files.
//!
//! A [`Rule`] takes a [`Tree`], read from disk or written down in a test, and answers what breaks it. None compiles
//! or runs anything, so all of them together take a second. [`ALL`] lists them; `tests/it/planted/` shows each one
//! failing, and `tests/it/project.rs` runs them on this project. Start with [`ALL`].

mod allowed;
mod finding;
mod manifest;
pub mod rules;
mod source;
mod tree;

pub use allowed::Allowed;
pub use finding::Finding;
pub use rules::{ALL, Rule};
pub use tree::Tree;
