//! Read the environment once, report all problems at once, hide secrets.
//!
//! A service's `Config::read(&mut Reader)` names each variable it knows; [`load`] runs it and answers either the
//! whole configuration or the whole list of what is missing or wrong. `NAME_FILE` in place of `NAME` reads the
//! value from a file, as containers hand out secrets. Sole owner of `std::env`. Start with [`load`] and [`Reader`].

mod reader;
mod value;

#[cfg(test)]
mod tests;

pub use reader::{Environment, Reader, Report, load};
pub use secrecy::{ExposeSecret, SecretString};
pub use value::{Millis, Seconds, Setting};
