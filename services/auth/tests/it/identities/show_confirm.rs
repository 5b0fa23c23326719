//! GET /auth/link-identity.

use contracts::auth::IdentityLinked;

use crate::identities::{is_asked, unproven};
use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn looking_at_the_page_uses_nothing_up() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    is_asked(&app, &unproven("ada")).await;
    let token = app.secrets("link_identity", "ada").await.pop().unwrap();
    for _ in 0..3 {
        let page = app.nobody().get(&format!("/auth/link-identity?token={token}")).await;
        page.has_status(200);
        assert!(page.text().contains(&format!("name=\"token\" value=\"{token}\"")), "{page:?}");
    }
    assert_eq!(app.told::<IdentityLinked>().await, 0);
}

#[tokio::test]
async fn the_page_leaks_and_runs_nothing() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/auth/link-identity?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    page.has_status(200);
    assert!(!page.text().contains("<script"), "{page:?}");
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), (Some("no-referrer"), Some("no-store")));
}

#[tokio::test]
async fn the_page_speaks_french_and_english() {
    let app = TestApp::start().await;
    let french = app.nobody().get("/auth/link-identity?token=x").header("accept-language", "fr").await;
    assert!(french.text().contains("Lier cette connexion"), "{french:?}");
    let english = app.nobody().get("/auth/link-identity").await;
    assert!(english.text().contains("Link this sign-in"), "{english:?}");
}
