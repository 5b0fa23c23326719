//! The local launcher: every service, the gateway and the servers behind them, each a process of its own.
//!
//! One binary holds them all and starts itself once for each (`fleet serve posts`). A supervisor keeps them running and
//! `.fleet/fleet.json` true; what it started, and nothing else, it stops. Whatever is slow overlaps with whatever else
//! is. Start with [`table`] (what there is), then `supervisor/mod.rs` (what happens at `up`).

mod call;
mod cli;
mod commands;
mod failure;
mod place;
mod processes;
mod record;
mod say;
mod skeleton;
mod supervisor;
pub mod table;
mod variables;

#[cfg(test)]
mod tests;

pub use cli::main;
