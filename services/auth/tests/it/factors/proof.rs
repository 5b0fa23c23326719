//! A code is good once, in several processes as well.

use auth::accounts;
use auth::devices::ShownDevice;
use auth::factors::proof::Proof;
use auth::sessions::Visitor;
use auth::state::State;
use contracts::UserId;
use db::Tx;
use problem::Problem;

use super::{STEP, has_app, wrong_code};
use crate::support::{Deeds, TestApp, together};

async fn holds(state: &State, user: UserId, code: &str) -> Result<bool, Problem> {
    let (visitor, shown) = (&Visitor::default(), &ShownDevice::default());
    let proof = &Proof { state, user, session: None, code, visitor, shown };
    let look = async |tx: &mut Tx| -> Result<bool, Problem> {
        accounts::locked(tx, user).await?;
        proof.holds(tx).await
    };
    state.db.tx(look).await
}

#[tokio::test]
async fn of_several_processes_one_accepts_it() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let processes = app.processes(4).await;
    for code in [ada.code(&app), ada.codes[0].clone()] {
        let answers = together(processes.iter().map(|state| holds(state, ada.id(), &code))).await;
        let right = answers.iter().filter(|answer| matches!(answer, Ok(true))).count();
        assert_eq!(right, 1, "{answers:?}");
        app.clock.advance(STEP);
        assert!(holds(app.state(), ada.id(), &ada.code(&app)).await.unwrap(), "the next one is good, and forgives");
        app.clock.advance(STEP);
    }
}

#[tokio::test]
async fn of_all_guesses_in_several_processes_five_are_looked_at() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    let processes = app.processes(4).await;
    let wrong = wrong_code(&ada.secret, app.clock.now());
    let answers = together(processes.iter().cycle().take(16).map(|state| holds(state, ada.id(), &wrong))).await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(false))).count(), 5, "{answers:?}");
    let refused = answers.into_iter().find_map(Result::err).unwrap();
    assert_eq!((refused.status(), refused.code().code), (429, "too_many_attempts"));
}

#[tokio::test]
async fn a_clock_that_went_back_keeps_nobody_out() {
    let app = TestApp::start().await;
    let ada = has_app(&app, "ada").await;
    assert!(holds(app.state(), ada.id(), &ada.code(&app)).await.unwrap());
    app.clock.advance(-(STEP * 20));
    assert!(holds(app.state(), ada.id(), &ada.code(&app)).await.unwrap());
    assert!(!holds(app.state(), ada.id(), &ada.code(&app)).await.unwrap(), "and it is good once there as well");
}
