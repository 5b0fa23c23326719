//! GET /auth/reset-password.

use contracts::auth::PasswordResetCompleted;

use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, TestApp};

#[tokio::test]
async fn looking_at_the_page_uses_nothing_up() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.forgets("ada").await.has_status(202);
    let token = app.secrets("reset_password", "ada").await.pop().unwrap();
    for _ in 0..3 {
        let page = app.nobody().get(&format!("/auth/reset-password?token={token}")).await;
        page.has_status(200);
        assert!(page.text().contains("<form method=\"post\">"), "{page:?}");
        assert!(page.text().contains(&format!("name=\"token\" value=\"{token}\"")), "{page:?}");
        assert!(page.text().contains("type=\"password\" name=\"new_password\""), "{page:?}");
    }
    assert_eq!(app.told::<PasswordResetCompleted>().await, 0);
    app.logs_in("ada", PASSWORD).await.has_status(200);
    app.resets(&token, NEW_PASSWORD).await.has_status(204);
}

#[tokio::test]
async fn the_page_leaks_and_runs_nothing() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/auth/reset-password?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    page.has_status(200);
    assert!(!page.text().contains("<script"), "{page:?}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("form-action 'self'"));
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[tokio::test]
async fn the_page_speaks_french_and_english() {
    let app = TestApp::start().await;
    let french = app.nobody().get("/auth/reset-password?token=x").header("accept-language", "fr").await;
    assert!(french.text().contains("<html lang=\"fr\">") && french.text().contains("Nouveau mot de passe"));
    let english = app.nobody().get("/auth/reset-password").await;
    assert!(english.text().contains("<html lang=\"en\">") && english.text().contains("New password"));
}
