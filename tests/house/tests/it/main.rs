//! The rules on this project, and each of them failing on what is planted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs)]

mod allowed;
mod planted;
mod project;
mod source;
