//! DELETE /auth/users/{id}.

use contracts::acts::{AdminAct, UserDeactivated};
use reqwest::Method;
use serde_json::json;

use super::{acts, at, because, below};
use crate::support::{Deeds, PASSWORD, TestApp};

#[tokio::test]
async fn nobody_erases_his_own_account_here() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    app.administers("other").await;
    let mark = app.mark().await;
    root.actor.call(Method::DELETE, &at(root.id)).json(because()).await.is(409, "own_account");
    root.actor.call(Method::DELETE, &at(root.id)).json(json!({})).await.is(422, "invalid");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn an_account_is_closed_and_its_erasure_begun_once() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let erase = || root.actor.call(Method::DELETE, &at(ada.id)).json(because());
    let answer = erase().await;
    let erasure = answer.has_status(202).json()["erasure_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/auth/erasures/{erasure}").as_str()));
    assert!(!answer.text().contains("token"), "the receipt is the owner's: {answer:?}");
    erase().await.is(409, "erasure_started");
    root.actor.patch(&below(ada.id, "activate"), because()).await.is(409, "erasure_started");
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    assert_ne!(app.logs_in("ada", PASSWORD).await.status, 200);
    assert_eq!((app.told::<UserDeactivated>().await, acts(&app).await), (1, vec![AdminAct::ErasureRequested]));
    app.kept_no_word_of(&["signalements".into()]).await;
}

/// Neither locks what the other does: only that they go on one at a time keeps one of them.
#[tokio::test]
async fn of_two_administrators_one_who_is_erased_and_one_who_steps_down_one_is_left() {
    let app = TestApp::start().await;
    for round in 0..20 {
        let root = app.administers(&format!("root{round}")).await;
        let other = app.administers(&format!("other{round}")).await;
        let erased = async { root.actor.delete("/auth/me").await.status };
        let demoted = async { other.actor.put(&at(other.id), json!({ "roles": ["user"] })).await.status };
        let statuses = futures_util::future::join(erased, demoted).await;
        assert!([(202, 409), (409, 200)].contains(&statuses), "{statuses:?}");
        assert_eq!(super::administrators(&app).await, 1, "{statuses:?}");
        app.execute("UPDATE users SET roles = '{user}'").await;
    }
}

/// Whose own address is not proven is an administrator by his token and his role, and cannot enter again.
#[tokio::test]
async fn the_last_administrator_who_can_enter_is_not_erased_by_one_who_cannot() {
    let app = TestApp::start().await;
    let (root, last) = (app.administers("root").await, app.administers("last").await);
    app.execute(&format!("UPDATE users SET is_verified = false WHERE id = '{}'", root.id)).await;
    root.actor.call(Method::DELETE, &at(last.id)).json(because()).await.is(409, "last_admin");
    assert_eq!(super::administrators(&app).await, 2);
}

#[tokio::test]
async fn an_administrator_is_erased_by_another_and_one_is_left() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    let calls = [(&root, &other), (&other, &root)].into_iter().cycle().take(10);
    let calls: Vec<_> = calls.map(|(by, of)| by.actor.call(Method::DELETE, &at(of.id)).json(because())).collect();
    let statuses = crate::support::together(calls.into_iter().map(|call| async move { call.await.status })).await;
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    assert_eq!(super::administrators(&app).await, 1);
}
