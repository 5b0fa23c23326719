//! Sessions.

mod list;
mod login;
mod logout;
mod refresh;
mod revoke;
mod revoke_others;
mod rules;
mod visitor;
