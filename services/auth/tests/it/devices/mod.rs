//! Devices.

mod cookie;
mod known;
