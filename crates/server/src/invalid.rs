//! What is wrong with input, for people in their language and for programs by a word and a pointer.
//!
//! serde says what cannot be understood, garde what is understood and not allowed. Both speak English prose; here it
//! becomes field errors. A rule of one's own answers [`fault`].

mod rules;
mod shape;

pub use rules::fault;
pub(crate) use rules::{NUMBER_BETWEEN, check, check_named};
pub(crate) use shape::{json, pairs};
