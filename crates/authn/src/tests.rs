#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod attacks;
mod following;
mod forge;
mod proofs;
mod revoking;
mod services;
mod verifying;
