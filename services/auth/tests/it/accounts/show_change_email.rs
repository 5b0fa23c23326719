//! GET /auth/change-email/confirm.

use contracts::auth::EmailChanged;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn looking_at_the_page_uses_nothing_up() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.asks_to_be(&ada, "countess").await.has_status(202);
    let token = app.secrets("change_email", "countess").await.pop().unwrap();
    for _ in 0..3 {
        let page = app.nobody().get(&format!("/auth/change-email/confirm?token={token}")).await;
        page.has_status(200);
        assert!(page.text().contains("<form method=\"post\">"), "{page:?}");
        assert!(page.text().contains(&format!("name=\"token\" value=\"{token}\"")), "{page:?}");
    }
    assert_eq!(app.told::<EmailChanged>().await, 0);
    assert_eq!(ada.actor.get("/auth/me").await.json()["email"], "ada@example.org");
    app.confirms(&token).await.has_status(200);
}

#[tokio::test]
async fn the_page_leaks_and_runs_nothing() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/auth/change-email/confirm?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    page.has_status(200);
    assert!(!page.text().contains("<script"), "{page:?}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("form-action 'self'"));
}

#[tokio::test]
async fn the_page_speaks_french_and_english() {
    let app = TestApp::start().await;
    let french = app.nobody().get("/auth/change-email/confirm?token=x").header("accept-language", "fr").await;
    assert!(french.text().contains("<html lang=\"fr\">") && french.text().contains("Confirmer ma nouvelle adresse"));
    let english = app.nobody().get("/auth/change-email/confirm").await;
    assert!(english.text().contains("<html lang=\"en\">") && english.text().contains("Confirm my new address"));
}
