//! GET /auth/users/{id}/sessions.

use serde_json::json;

use super::below;
use crate::support::{Deeds, PASSWORD, TestApp};

#[tokio::test]
async fn an_administrator_sees_where_an_account_is_signed_in() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    ada.actor.call(reqwest::Method::POST, "/auth/logout").await.has_status(204);
    let list = root.actor.get(&below(ada.id, "sessions")).await.has_status(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!((&list["items"][0]["current"], &list["items"][0]["ip_prefix"]), (&json!(false), &json!("127.0.0.0/24")));
    let own = root.actor.get(&below(root.id, "sessions")).await.json();
    assert_eq!((&own["items"][0]["id"], &own["items"][0]["current"]), (&root.claims()["sid"], &json!(true)));
}
