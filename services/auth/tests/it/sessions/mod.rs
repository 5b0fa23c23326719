//! Sessions.

mod list;
mod login;
mod logout;
mod refresh;
mod revoke;
mod revoke_all;
mod rules;
mod step_up;
mod visitor;
