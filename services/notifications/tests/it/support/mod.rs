//! What the tests of this service share.

pub mod mail_server;
