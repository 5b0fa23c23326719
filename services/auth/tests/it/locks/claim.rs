//! Counting an attempt before its password is looked at.

use auth::locks::{self, Claim, Origin};
use auth::state::State;
use db::Tx;
use jiff::SignedDuration;
use problem::Problem;

use crate::support::{Deeds, TestApp, together};

async fn claim(state: &State, origin: &Origin) -> Result<Claim, Problem> {
    state.db.tx(async |tx: &mut Tx| locks::claim(tx, &state.clock, "a digest", origin).await).await
}

#[tokio::test]
async fn of_all_attempts_in_several_processes_five_are_let_through() {
    let app = TestApp::start().await;
    let (processes, origin) = (app.processes(4).await, Origin::Network(Some("203.0.113.0/24".into())));
    let claims = processes.iter().cycle().take(16).map(|state| claim(state, &origin));
    let claims = together(claims).await;
    assert_eq!(claims.iter().filter(|claim| claim.is_ok()).count(), 5, "{claims:?}");
    let refused = claims.into_iter().find_map(Result::err).unwrap();
    assert_eq!((refused.status(), refused.code().code), (429, "too_many_attempts"));
}

#[tokio::test]
async fn who_waited_for_his_turn_is_not_let_in_by_the_time_he_came() {
    let app = TestApp::start().await;
    let (state, origin) = (app.state(), Origin::Network(None));
    let late = state.db.tx(async |tx: &mut Tx| -> Result<Claim, Problem> {
        app.clock.advance(SignedDuration::from_mins(5));
        for _ in 0..5 {
            assert!(claim(state, &origin).await.is_ok());
        }
        locks::claim(tx, &state.clock, "a digest", &origin).await
    });
    assert_eq!(late.await.unwrap_err().status(), 429);
}

#[tokio::test]
async fn an_attempt_that_was_not_looked_at_is_given_back() {
    let app = TestApp::start().await;
    let origin = Origin::Network(None);
    for _ in 0..4 {
        assert!(claim(app.state(), &origin).await.is_ok());
    }
    for _ in 0..3 {
        let fifth = &claim(app.state(), &origin).await.unwrap();
        assert!(claim(app.state(), &origin).await.is_err(), "the fifth locks before it is looked at");
        app.db().tx(async |tx: &mut Tx| locks::give_back(tx, fifth).await).await.unwrap();
    }
    assert_eq!(app.count("SELECT sum(cardinality(failed_at))::bigint FROM login_failures").await, 8);
}

#[tokio::test]
async fn codes_of_an_account_are_counted_together_but_for_its_known_devices_and_forgotten_by_a_right_one() {
    let app = TestApp::start().await;
    let code = async |origin: Origin| {
        let state = app.state();
        state.db.tx(async |tx: &mut Tx| locks::claim_code(tx, &state.clock, "a digest", &origin).await).await
    };
    let network = |n: i32| Origin::Network(Some(format!("203.0.{n}.0/24")));
    for n in 0..19 {
        assert!(code(network(n)).await.is_ok());
    }
    app.clock.advance(SignedDuration::from_mins(15));
    let twentieth = &code(network(19)).await.unwrap();
    assert_eq!(code(network(20)).await.unwrap_err().status(), 429);
    assert!(code(Origin::Device(vec![1; 32])).await.is_ok());
    assert!(claim(app.state(), &network(21)).await.is_ok(), "passwords by the same name are not");
    app.db().tx(async |tx: &mut Tx| locks::forgive(tx, twentieth).await).await.unwrap();
    assert!(code(network(22)).await.is_ok());
    assert_eq!(
        app.count("SELECT cardinality(failed_at)::bigint FROM login_failures WHERE origin = 'account'").await,
        1
    );
}

#[tokio::test]
async fn a_known_device_is_counted_apart_from_everything() {
    let app = TestApp::start().await;
    let (device, other) = (Origin::Device(vec![1; 32]), Origin::Device(vec![2; 32]));
    for _ in 0..5 {
        assert!(claim(app.state(), &device).await.is_ok());
    }
    assert!(claim(app.state(), &device).await.is_err());
    for origin in [other, Origin::Network(Some("203.0.113.0/24".into())), Origin::Network(None)] {
        assert!(claim(app.state(), &origin).await.is_ok());
    }
}
