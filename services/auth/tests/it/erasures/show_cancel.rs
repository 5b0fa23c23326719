//! GET /auth/erasures/{id}/cancel.

use super::{NAME, deletes, with_services};
use crate::support::Deeds;

#[tokio::test]
async fn the_page_has_a_button_and_changes_nothing() {
    let app = with_services(&[("AUTH_ERASURE_GRACE", "12h")]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    let page = app.nobody().get(&format!("/auth/erasures/{}/cancel?token={}", erasure.id, erasure.token)).await;
    page.has_status(200);
    assert!(page.text().contains(&format!("value=\"{}\"", erasure.token)), "{page:?}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(erasure.state(&app).await, "REQUESTED");
}
