//! Identities: what accounts are known by at providers such as Google, and entered through.
//!
//! An identity opens one account. It is attached by a sign-in where both sides had the address proven, by a link that
//! was mailed to it, or by an owner who is signed in; never by what a provider only says. Start with [`arrival`].

pub mod confirm;
pub mod link;
pub mod list;
pub mod show_confirm;
pub mod unlink;

pub mod arrival;
pub mod attaching;
pub mod queries;
pub mod row;
pub mod rules;
pub mod view;

pub use arrival::{Arrival, Found, find, may_ask};
pub use attaching::attach;
