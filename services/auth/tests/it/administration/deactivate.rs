//! PATCH /auth/users/{id}/deactivate.

use auth::administration::deactivate::close;
use contracts::acts::{AdminAct, AdminActed, ReasonCode, UserDeactivated};
use contracts::auth::SessionRevoked;
use serde_json::json;

use super::change::demotes;
use super::{WORDS, acts, administrators, because, below, why};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, SignedIn, TestApp, together};

const WHO_CAN_ENTER: &str = "SELECT count(*) FROM users WHERE 'admin' = ANY(roles) AND is_active AND is_verified";

#[tokio::test]
async fn nobody_closes_his_own_account_here() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    app.administers("other").await;
    let mark = app.mark().await;
    root.actor.patch(&below(root.id, "deactivate"), because()).await.is(409, "own_account");
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn of_two_administrators_who_close_each_other_one_is_left() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    let (processes, why) = (app.processes(4).await, why());
    let calls = processes.iter().cycle().take(10).enumerate().map(|(nth, state)| {
        let (by, of) = if nth % 2 == 0 { (root.id, other.id) } else { (other.id, root.id) };
        close(state, by, of, &why)
    });
    let answers = together(calls).await;
    assert!(answers.iter().any(Result::is_ok), "{answers:?}");
    assert_eq!((administrators(&app).await, app.told::<UserDeactivated>().await), (1, 1), "{answers:?}");
}

/// Whose own address is not proven is an administrator by his token and his role, and cannot enter again.
#[tokio::test]
async fn the_last_administrator_who_can_enter_is_not_closed_by_one_who_cannot() {
    let app = TestApp::start().await;
    let (root, last) = (app.administers("root").await, app.administers("last").await);
    app.execute(&format!("UPDATE users SET is_verified = false WHERE id = '{}'", root.id)).await;
    root.actor.patch(&below(last.id, "deactivate"), because()).await.is(409, "last_admin");
    assert_eq!(administrators(&app).await, 2);
}

/// The one who steps down locks his own account alone, the one who closes locks two others: only that they go on one at
/// a time keeps one of the last two.
#[tokio::test]
async fn of_an_administrator_who_is_closed_and_one_who_steps_down_one_is_left() {
    let app = TestApp::start().await;
    let (processes, why) = (app.processes(2).await, why());
    for round in 0..20 {
        // A third, who cannot enter again.
        let closing = app.administers(&format!("closing{round}")).await;
        app.execute(&format!("UPDATE users SET is_verified = false WHERE id = '{}'", closing.id)).await;
        let one = app.administers(&format!("one{round}")).await;
        let other = app.administers(&format!("other{round}")).await;
        let closed = close(&processes[0], closing.id, one.id, &why);
        let closed = async { closed.await.map_or_else(|problem| problem.status(), |_| 200) };
        let demoted = demotes(&processes[1], other.id, other.id);
        let statuses = futures_util::future::join(closed, demoted).await;
        assert!([(200, 409), (409, 200)].contains(&statuses), "{statuses:?}");
        assert_eq!(app.count(WHO_CAN_ENTER).await, 1, "{statuses:?}");
        app.execute("UPDATE users SET roles = '{user}'").await;
    }
}

#[tokio::test]
async fn all_sessions_and_tokens_end_and_nobody_enters_any_more() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let other = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await);
    let answer = root.actor.patch(&below(ada.id, "deactivate"), because()).await;
    answer.has_status(200);
    for session in [&ada, &other] {
        session.actor.get("/auth/me").await.is(401, "token_revoked");
        app.refreshes(&session.refresh).await.is(401, "refresh_invalid");
    }
    app.logs_in("ada", PASSWORD).await.is(403, "account_disabled");
    app.logs_in("ada", NEW_PASSWORD).await.is(401, "invalid_credentials");
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE end_reason = 'admin'").await, 2);
    // Both sessions, and the tokens of the account whatever session they are of.
    assert_eq!(app.told::<SessionRevoked>().await, 3);
    root.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn why_is_shown_to_administrators_and_told_to_others_in_a_word() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let shown = root.actor.patch(&below(ada.id, "deactivate"), because()).await.has_status(200).json();
    assert_eq!((&shown["is_active"], &shown["sessions"]), (&json!(false), &json!(0)));
    assert_eq!(
        shown["deactivation"],
        json!({ "by": root.id, "reason_code": "abuse", "reason": WORDS, "at": "2026-01-13T09:30:00Z" })
    );
    let told = app.emitted_of::<UserDeactivated>().await;
    assert_eq!(told, [UserDeactivated { user_id: ada.id, by: Some(root.id), reason_code: ReasonCode::Abuse }]);
    let acted = app.emitted_of::<AdminActed>().await.pop().unwrap();
    assert_eq!((acted.action, acted.reason_code), (AdminAct::Deactivated, Some(ReasonCode::Abuse)));
    assert_eq!(acted.reason_hmac, Some(app.state().secrets.track(WORDS)));
    app.kept_no_word_of(&["signalements".into(), "Grâce".into()]).await;
    let noted =
        "SELECT count(*) FROM security_events WHERE kind = 'admin_deactivated' AND reason LIKE '%signalements%'";
    assert_eq!(app.count(noted).await, 1);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.user_id), ("account_deactivated", Some(ada.id)));
    assert!(!mail.params.values().any(|word| word.contains(WORDS)), "{mail:?}");
}

#[tokio::test]
async fn an_account_that_is_closed_stays_as_it_is() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    root.actor.patch(&below(ada.id, "deactivate"), because()).await.has_status(200);
    let mark = app.mark().await;
    let again = json!({ "reason": "Autre chose.", "reason_code": "other" });
    let shown = root.actor.patch(&below(ada.id, "deactivate"), again).await.has_status(200).json();
    assert_eq!(shown["deactivation"]["reason"], WORDS);
    app.emitted_nothing_since(mark).await;
    assert_eq!(acts(&app).await, [AdminAct::Deactivated]);
}

#[tokio::test]
async fn whoever_is_signing_in_meanwhile_is_not_left_inside() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    let root = app.administers("root").await;
    let ada = SignedIn::of(&app, &app.logs_in("ada", PASSWORD).await).id;
    let logins = (0..10).map(|_| app.logs_in("ada", PASSWORD));
    let close = async { root.actor.patch(&below(ada, "deactivate"), because()).await };
    let (logins, closed) = futures_util::future::join(together(logins), close).await;
    closed.has_status(200);
    // Each counts before its password is looked at, so that of ten at once some come too soon.
    assert!(logins.iter().all(|answer| [200, 401, 403, 429].contains(&answer.status)), "{logins:?}");
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL AND amr = '{pwd}'").await, 0);
    for entered in logins.iter().filter(|answer| answer.status == 200) {
        let refresh = entered.json()["refresh_token"].as_str().unwrap().to_owned();
        app.refreshes(&refresh).await.is(401, "refresh_invalid");
    }
}
