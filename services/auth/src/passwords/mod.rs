//! Passwords: which are refused, how they are hashed, and how many at once.
//!
//! A hash costs tens of milliseconds of a core and 19 MiB, on purpose; [`Hasher`] lets no more of them run than there
//! are cores and no more wait than a second's worth. A stored hash says by itself how it was made, but not how much it
//! may cost. Start with [`Hasher`].

pub mod hasher;
pub mod rules;
pub mod scheme;

pub use hasher::{Hasher, Place, Verdict};
pub use rules::{Rules, Weak};
pub use scheme::Scheme;
