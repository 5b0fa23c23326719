//! The document that the gateway merges.

use crate::support::Auth;

#[test]
fn the_document_is_what_the_service_does() {
    testkit::check_document::<Auth>();
}
