//! Who may do what.

use testkit::{Access, Given};

use crate::support::{TestApp, new_entry, written_by};

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_lets_in_whom_it_should() {
    let app = TestApp::start().await;
    // nobody, stranger, owner, coach, admin
    Access::of(&app)
        .await
        .row_given("create_skeleton_name_entry", [401, 201, 201, 201, 201], |_, _| async {
            Given::nothing().body(new_entry("Bonjour"))
        })
        .row_given("get_skeleton_name_entry", [401, 404, 200, 404, 404], |_, owner| async move {
            Given::nothing().path("id", written_by(&owner).await)
        })
        .check()
        .await;
}
