//! Who may do what.

use testkit::Access;

use crate::support::TestApp;

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::start().await;
    Access::of(&app).await.row("list_deliveries", [401, 403, 403, 403, 200]).check().await;
}
