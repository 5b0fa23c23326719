//! What the service says of itself.

use crate::support::SkeletonName;

#[test]
fn the_document_is_the_kept_one() {
    testkit::check_document::<SkeletonName>();
}
