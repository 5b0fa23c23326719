//! Jobs.

mod sweep;
