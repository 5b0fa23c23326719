//! Somebody whom a provider vouches for, at the door.

use auth::providers::browser::Browser;
use auth::providers::entrance::Entrance;
use auth::providers::landing::Landing;
use contracts::auth::UserLoginFailed;
use problem::Problem;

use crate::factors::has_app;
use crate::identities::somebody;
use crate::support::{Deeds, TestApp};

async fn enters(app: &TestApp, name: &str) -> Result<Landing, Problem> {
    let (browser, arrival) = (&Browser::default(), &somebody(name));
    Entrance { state: app.state(), browser, arrival, code_challenge: None }.enter().await
}

#[tokio::test]
async fn a_closed_account_stays_closed_and_that_is_told_and_noted() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.has_account("bob").await;
    assert!(matches!(enters(&app, "bob").await, Ok(Landing::Session(..))));
    app.execute("UPDATE users SET is_active = false").await;
    for name in ["ada", "bob"] {
        let refused = enters(&app, name).await.err().unwrap();
        assert_eq!((refused.status(), refused.code().code), (403, "account_disabled"), "{name}");
    }
    let told = app.emitted_of::<UserLoginFailed>().await;
    let reasons: Vec<&str> = told.iter().map(|failed| failed.reason.as_str()).collect();
    assert_eq!(reasons, ["disabled", "disabled"]);
    assert!(told.iter().all(|failed| failed.user_id.is_some()) && told[0].user_id != told[1].user_id, "{told:?}");
    let noted = "SELECT count(*) FROM security_events WHERE kind = 'login_failed' AND reason = 'disabled'";
    assert_eq!(app.count(noted).await, 2);
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 1, "bob's, from before");
}

#[tokio::test]
async fn who_has_a_second_factor_is_asked_for_it_and_can_read_of_that() {
    let app = TestApp::start().await;
    has_app(&app, "ada").await;
    let asked = enters(&app, "ada").await.err().unwrap();
    assert_eq!((asked.status(), asked.code().code), (401, "mfa_required"));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'mfa_asked'").await, 1);
}
