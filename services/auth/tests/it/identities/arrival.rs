//! Somebody whom a provider vouches for.

use auth::identities::{Arrival, Found, may_ask};
use contracts::Tier;
use contracts::auth::{ContactChanged, IdentityLinked, Method, UserEmailVerified, UserRegistered};

use crate::identities::{arrives, enters, is_asked, somebody, unproven};
use crate::support::{Deeds, PASSWORD, TestApp, address, together};

#[tokio::test]
async fn whoever_is_new_gets_an_account_that_is_proven_and_has_no_password() {
    let app = TestApp::start().await;
    let ada = enters(&app, &somebody("ada")).await;
    let registered = app.emitted_of::<UserRegistered>().await;
    let expected =
        UserRegistered { user_id: ada, method: Method::Google, locale: contracts::Language::En, tier: Tier::Free };
    assert_eq!(registered, [expected]);
    assert_eq!(
        app.emitted_of::<UserEmailVerified>().await,
        [UserEmailVerified { user_id: ada, via: "provider".into() }]
    );
    let contact = app.emitted_of::<ContactChanged>().await.remove(0);
    assert_eq!((contact.email, contact.email_verified), (address("ada"), true));
    assert_eq!(contact.full_name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(contact.picture_url.as_deref(), Some("https://pictures.example.org/ada.png"));
    let linked = app.emitted_of::<IdentityLinked>().await.remove(0);
    assert_eq!((linked.user_id, linked.provider.as_str(), linked.sid), (ada, "google", None));
    assert_eq!(app.count("SELECT count(*) FROM users WHERE is_verified AND password_hash IS NULL").await, 1);
    assert!(app.mails("ada").await.is_empty(), "she is welcomed by notifications");
    app.kept_no_word_of(&["Ada Lovelace".into(), "ada at Google".into()]).await;
    app.logs_in("ada", PASSWORD).await.is(401, "invalid_credentials");
}

#[tokio::test]
async fn another_provider_is_told_as_such() {
    let app = TestApp::start().await;
    let acme = Arrival { provider: "acme".into(), issuer: "https://id.example.org".into(), ..somebody("ada") };
    enters(&app, &acme).await;
    assert_eq!(app.emitted_of::<UserRegistered>().await.remove(0).method, Method::Oidc);
}

#[tokio::test]
async fn whoever_came_before_enters_the_same_account_whatever_the_address_is_now() {
    let app = TestApp::start().await;
    let ada = enters(&app, &somebody("ada")).await;
    let moved = Arrival { email: Some(address("countess")), ..somebody("ada") };
    assert_eq!(enters(&app, &moved).await, ada);
    let silent = Arrival { email: None, email_verified: false, ..somebody("ada") };
    assert_eq!(enters(&app, &silent).await, ada);
    assert_eq!(app.told::<UserRegistered>().await, 1);
    assert_eq!(app.told::<IdentityLinked>().await, 1);
}

#[tokio::test]
async fn the_same_subject_of_another_issuer_is_somebody_else() {
    let app = TestApp::start().await;
    let ada = enters(&app, &somebody("ada")).await;
    let other = Arrival { issuer: "https://id.example.org".into(), email: Some(address("eve")), ..somebody("ada") };
    assert_ne!(enters(&app, &other).await, ada);
}

#[tokio::test]
async fn an_account_whose_address_both_sides_had_proven_is_entered_and_its_owner_told() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    assert_eq!(enters(&app, &somebody("ada")).await, ada.id);
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.params["provider"].as_str()), ("identity_linked", "Google"));
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'identity_linked'").await, 1);
    app.logs_in("ada", PASSWORD).await.has_status(200);
}

#[tokio::test]
async fn an_address_that_the_provider_had_not_proven_enters_nothing_and_its_owner_decides() {
    let app = TestApp::start().await;
    app.signs_in("ada").await;
    is_asked(&app, &unproven("ada")).await;
    assert_eq!(app.secrets("link_identity", "ada").await.len(), 1);
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 0);
    assert_eq!(app.told::<IdentityLinked>().await, 0);
}

#[tokio::test]
async fn an_account_that_nobody_had_proven_is_not_entered_either() {
    let app = TestApp::start().await;
    app.registers("ada").await.has_status(201);
    is_asked(&app, &somebody("ada")).await;
    assert_eq!(app.secrets("link_identity", "ada").await.len(), 1);
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 0);
}

#[tokio::test]
async fn whether_an_address_has_an_account_is_told_to_nobody_who_only_says_it() {
    let app = TestApp::start().await;
    is_asked(&app, &unproven("nobody")).await;
    assert_eq!(app.count("SELECT count(*) FROM users").await, 0);
    assert!(app.mails("nobody").await.is_empty());
}

#[tokio::test]
async fn without_an_address_nobody_is_let_in() {
    let app = TestApp::start().await;
    let silent = Arrival { email: None, ..somebody("ada") };
    let refused = arrives(&app, &silent).await.err().unwrap();
    assert_eq!((refused.status(), refused.code().code), (403, "email_missing"));
}

#[tokio::test]
async fn a_closed_account_is_not_attached_to() {
    let app = TestApp::start().await;
    app.has_account("ada").await;
    app.execute("UPDATE users SET is_active = false").await;
    assert!(matches!(arrives(&app, &somebody("ada")).await, Ok(Found::Closed(_))));
    assert_eq!(app.count("SELECT count(*) FROM identities").await, 0);
    is_asked(&app, &unproven("ada")).await;
    assert!(app.secrets("link_identity", "ada").await.is_empty());
}

#[tokio::test]
async fn those_who_come_at_once_make_one_account() {
    let app = TestApp::start().await;
    let ada = somebody("ada");
    let entered = together((0..10).map(|_| enters(&app, &ada))).await;
    assert!(entered.iter().all(|user| *user == entered[0]), "{entered:?}");
    assert_eq!(app.told::<UserRegistered>().await, 1);
    assert_eq!(app.told::<IdentityLinked>().await, 1);
}

#[tokio::test]
async fn nobody_is_mailed_too_often_whether_there_is_an_account_or_not() {
    let app = TestApp::with(&[("LIMIT_MAIL", "3/h")]).await;
    app.signs_in("ada").await; // a mail of its own
    for name in ["ada", "nobody"] {
        let arrival = unproven(name);
        let mut refused = None;
        for _ in 0..4 {
            refused = may_ask(app.state(), &arrival).await.err();
        }
        assert_eq!(refused.unwrap().status(), 429, "{name}");
    }
    assert!(may_ask(app.state(), &somebody("eve")).await.is_ok(), "nobody is to be mailed");
}
