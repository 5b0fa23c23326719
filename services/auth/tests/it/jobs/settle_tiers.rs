//! What is over is taken back, once, whoever comes first.

use auth::jobs::settle_tiers;
use contracts::auth::UserTierChanged;
use jiff::SignedDuration;

use crate::subscriptions::{BEGIN, Payments};
use crate::support::{Deeds, TestApp, together};

#[tokio::test]
async fn where_nothing_is_over_nothing_is_done() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.signs_in("bob").await;
    app.pays(ada.id, "ada", BEGIN).await;
    assert!(!settle_tiers::once(app.state()).await.unwrap());
    assert_eq!(app.premium().await, 1);
}

#[tokio::test]
async fn of_several_processes_one_takes_each() {
    let app = TestApp::start().await;
    for name in ["ada", "bob", "eve"] {
        let who = app.signs_in(name).await;
        app.pays(who.id, name, BEGIN).await;
    }
    app.clock.advance(SignedDuration::from_hours(37 * 24));
    let processes = app.processes(4).await;
    let worked = together(processes.iter().map(|state| async move {
        let mut settled = 0;
        while settle_tiers::once(state).await.unwrap() {
            settled += 1;
        }
        settled
    }));
    assert_eq!((worked.await.into_iter().sum::<i32>(), app.premium().await), (3, 0));
    assert_eq!(app.told::<UserTierChanged>().await, 6);
}

#[tokio::test]
async fn who_lost_it_by_a_clock_that_went_back_since_has_it_again() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.clock.advance(SignedDuration::from_hours(37 * 24));
    assert!(settle_tiers::once(app.state()).await.unwrap());
    assert_eq!(app.premium().await, 0);
    app.clock.advance(SignedDuration::from_hours(-37 * 24));
    assert!(settle_tiers::once(app.state()).await.unwrap());
    assert!(!settle_tiers::once(app.state()).await.unwrap());
    assert_eq!(app.premium().await, 1);
}

/// Of two processes whose clocks differ a little one takes PREMIUM back, and the other does not give it again.
#[tokio::test]
async fn a_clock_that_is_a_little_behind_gives_nothing_back() {
    let app = TestApp::start().await;
    let ada = app.signs_in("ada").await;
    app.pays(ada.id, "ada", BEGIN).await;
    app.clock.advance(SignedDuration::from_hours(37 * 24));
    assert!(settle_tiers::once(app.state()).await.unwrap());
    app.clock.advance(SignedDuration::from_secs(-60));
    assert!(!settle_tiers::once(app.state()).await.unwrap());
    assert_eq!((app.premium().await, app.told::<UserTierChanged>().await), (0, 2));
    app.clock.advance(SignedDuration::from_secs(-1));
    assert!(settle_tiers::once(app.state()).await.unwrap());
    assert_eq!(app.premium().await, 1);
}
