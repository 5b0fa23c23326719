//! Keys over time.

use auth::keys::Keyring;
use auth::keys::ring::Unusable;
use auth::keys::rotate::{Failed, Rotation};
use auth::secrets::Secrets;
use authn::Algorithm;
use contracts::auth::KeysRotated;
use jiff::SignedDuration;

use crate::support::{Deeds, SignedIn, TestApp, together};

fn rotation(app: &TestApp) -> Rotation {
    let state = app.state();
    Rotation { db: app.db().clone(), secrets: state.secrets.clone(), algorithm: Algorithm::Es256 }
}

/// What the job does every few seconds.
async fn look(app: &TestApp) {
    let state = app.state();
    state.verifier.set_keys(rotation(app).keep_up(&state.keyring).await.unwrap());
}

fn published(app: &TestApp) -> usize {
    app.state().keyring.published().keys.len()
}

#[tokio::test]
async fn a_key_signs_for_thirty_days_and_its_tokens_live_out_their_time() {
    let app = TestApp::start().await;
    let first = app.signs_in("ada").await;
    app.clock.advance(SignedDuration::from_hours(29 * 24));
    look(&app).await;
    assert_eq!(published(&app), 2, "the next one is published");
    let before = SignedIn::of(&app, &app.logs_in("ada", crate::support::PASSWORD).await);
    assert_eq!(before.header()["kid"], first.header()["kid"]);

    app.clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_mins(10));
    let last = SignedIn::of(&app, &app.logs_in("ada", crate::support::PASSWORD).await);
    app.clock.advance(SignedDuration::from_mins(10));
    look(&app).await;
    let after = SignedIn::of(&app, &app.logs_in("ada", crate::support::PASSWORD).await);
    assert_ne!(after.header()["kid"], first.header()["kid"]);
    last.actor.get("/auth/me").await.has_status(200);
    after.actor.get("/auth/me").await.has_status(200);
    let told = app.emitted_of::<KeysRotated>().await.pop().unwrap();
    assert_eq!(after.header()["kid"], told.kid);

    app.clock.advance(SignedDuration::from_mins(91));
    look(&app).await;
    assert_eq!(published(&app), 1, "nobody needs the old one any more");
}

#[tokio::test]
async fn an_operator_rotates_at_once_and_may_disown_the_old_key() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    let kid = rotation(&app).now(false).await.unwrap();
    look(&app).await;
    let next = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(next.header()["kid"], kid);
    ada.actor.get("/auth/me").await.has_status(200);
    rotation(&app).now(true).await.unwrap();
    look(&app).await;
    next.actor.get("/auth/me").await.is(401, "unauthenticated");
    let last = SignedIn::of(&app, &app.refreshes(&next.refresh).await);
    last.actor.get("/auth/me").await.has_status(200);
    assert_eq!(app.told::<KeysRotated>().await, 3);
}

#[tokio::test]
async fn several_processes_agree_on_one_key() {
    let app = TestApp::start().await;
    app.execute("DELETE FROM signing_keys").await;
    let rings: Vec<Keyring> = (0..3).map(|_| Keyring::default()).collect();
    let rotation = rotation(&app);
    for done in together(rings.iter().map(|ring| rotation.keep_up(ring))).await {
        done.map(drop).unwrap();
    }
    assert_eq!(app.count("SELECT count(*) FROM signing_keys").await, 1);
    assert!(rings.iter().all(|ring| ring.published() == rings[0].published()));
}

#[tokio::test]
async fn private_halves_are_sealed_and_open_with_the_secret_alone() {
    let app = TestApp::start().await;
    let other = Secrets::new(&"another secret of forty characters, yes.".to_owned().into());
    let thief = Rotation { secrets: other, ..rotation(&app) };
    let refused = thief.load(&Keyring::default()).await.map(drop);
    assert!(matches!(refused, Err(Failed::Unusable(Unusable::Sealed(..)))), "{refused:?}");
    app.execute("UPDATE signing_keys SET kid = 'another name'").await;
    let moved = rotation(&app).load(&Keyring::default()).await.map(drop);
    assert!(matches!(moved, Err(Failed::Unusable(Unusable::Sealed(..)))), "{moved:?}");
}
