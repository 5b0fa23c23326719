//! The users service, tested whole: the real server on a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod profiles {
    mod rules;
}
