//! POST /auth/users/{id}/password-reset.

use contracts::acts::AdminAct;
use jiff::SignedDuration;
use reqwest::Method;

use super::{acts, because, below, latest};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, TestApp};

#[tokio::test]
async fn a_closed_account_gets_no_link() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    root.actor.patch(&below(ada.id, "deactivate"), because()).await.has_status(200);
    let mark = app.mark().await;
    root.actor.call(Method::POST, &below(ada.id, "password-reset")).await.is(409, "account_inactive");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn the_owner_alone_gets_the_link_and_the_newest_works() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.clock.advance(SignedDuration::from_secs(1));
    for _ in 0..2 {
        let answer = root.actor.call(Method::POST, &below(ada.id, "password-reset")).await;
        assert_eq!(answer.has_status(202).text(), r#"{"accepted":true}"#);
    }
    assert_eq!(app.mails("root").await.iter().filter(|mail| mail.template == "reset_password").count(), 0);
    let [old, new] = app.secrets("reset_password", "ada").await.try_into().unwrap();
    assert_eq!(latest(&ada).await.0, "admin_password_reset");
    app.logs_in("ada", PASSWORD).await.has_status(200);
    assert_eq!(acts(&app).await, [AdminAct::PasswordReset; 2]);
    app.resets(&old, NEW_PASSWORD).await.is(400, "token_invalid");
    app.resets(&new, NEW_PASSWORD).await.has_status(204);
    app.logs_in("ada", NEW_PASSWORD).await.has_status(200);
    app.kept_no_word_of(&[old, new]).await;
}

#[tokio::test]
async fn an_address_is_not_flooded_whoever_asks() {
    let app = TestApp::with(&[("LIMIT_MAIL", "3/h")]).await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    // The registration was the first.
    for status in [202, 202, 429] {
        root.actor.call(Method::POST, &below(ada.id, "password-reset")).await.has_status(status);
    }
    assert_eq!(app.secrets("reset_password", "ada").await.len(), 2);
}
