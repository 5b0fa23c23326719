//! The notifications service, tested whole: the real server on a database of its own, and a real mail server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod support;

mod deliveries {
    mod rules;
}
mod mail {
    mod letter;
    mod templates;
}
mod ports {
    mod mailer;
}
