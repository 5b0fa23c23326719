//! GET /auth/accept-invitation.

use crate::support::TestApp;

#[tokio::test]
async fn the_page_asks_for_a_password_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/auth/accept-invitation?token=t0k-en_").await;
    page.has_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), (Some("no-store"), Some("no-referrer")));
    for part in
        ["name=\"token\" value=\"t0k-en_\"", "name=\"password\"", "Choose your password", "<form method=\"post\">"]
    {
        assert!(page.text().contains(part), "{part}: {page:?}");
    }
}

#[tokio::test]
async fn nothing_of_the_address_becomes_a_part_of_the_page() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/auth/accept-invitation?token=%22%3E%3Cscript%3E").await;
    assert!(!page.text().contains("<script"), "{page:?}");
    app.nobody().get("/auth/accept-invitation").await.has_status(200);
}
