//! Who may do what.

use serde_json::json;
use testkit::{Access, Given};

use crate::support::TestApp;

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::start().await;
    Access::of(&app)
        .await
        .row("get_my_profile", [401, 200, 200, 200, 200])
        .row_given("replace_my_profile", [401, 200, 200, 200, 200], |_, _| async {
            Given::nothing().body(json!({ "full_name": "Ada Lovelace" }))
        })
        .row_given("update_my_profile", [401, 200, 200, 200, 200], |_, _| async {
            Given::nothing().body(json!({ "bio": "Machines" }))
        })
        .row_given("get_profile", [401, 200, 200, 200, 200], |_, owner| async move {
            owner.get("/users/me").await.has_status(200);
            Given::nothing().path("id", owner.id)
        })
        .check()
        .await;
}
