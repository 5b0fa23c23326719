//! users.profile.updated.v1.

use contracts::Event;
use contracts::users::ProfileUpdated;
use outbox::Taken;

use crate::support::{Deeds, TestApp};

#[tokio::test]
async fn the_copy_follows_the_newest_profile_however_often_it_is_told() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let profile = |version: i64, name: &str| {
        let profile =
            ProfileUpdated { user_id: ada.id, full_name: Some(name.into()), version, ..ProfileUpdated::sample() };
        app.envelope(&profile)
    };
    let second = profile(2, "Ada King");
    assert_eq!(app.deliver_envelope(&second).await, Ok(Taken::Now));
    assert_ne!(app.deliver_envelope(&second).await, Ok(Taken::Now));
    assert_ne!(app.deliver_envelope(&profile(1, "Ada Byron")).await, Ok(Taken::Now));
    let me = ada.actor.get("/auth/me").await.json();
    assert_eq!(me["full_name"], "Ada King");
    assert_eq!(me["preferences"]["language"], "fr");
}

#[tokio::test]
async fn a_profile_of_nobody_here_has_no_effect() {
    let app = TestApp::start().await;
    assert_eq!(app.deliver(&ProfileUpdated::sample()).await, Ok(Taken::Now));
    assert_eq!(app.count("SELECT count(*) FROM profiles").await, 0);
}
