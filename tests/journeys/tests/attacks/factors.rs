//! A13: codes of an app, and those for who loses it.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;

use crate::app::{App, confirmed, early_in_a_step};
use crate::cast::{self, Trip};
use crate::fleet::Fleet;
use crate::person::{Answer, PASSWORD, Person};
use crate::report::{Row, row};

/// A13.
pub fn a13() -> Row {
    row!(
        "A13",
        a_password_alone_opens_nothing,
        a_code_is_good_once,
        of_twenty_at_once_one_code_is_taken,
        a_code_of_the_step_before_and_of_the_one_behind_are_good,
        a_code_of_two_steps_before_is_none,
        a_code_of_two_steps_behind_is_none,
        the_code_of_another_app_is_none,
        the_challenge_of_another_account_takes_no_code_of_ones_own,
        the_sixth_try_of_a_challenge_is_none,
        a_challenge_is_good_once,
        a_challenge_of_before_another_password_is_void,
        a_recovery_code_is_good_once,
        of_twenty_at_once_one_recovery_code_is_taken,
        the_recovery_code_of_another_account_is_none,
        what_is_no_code_is_refused,
        an_app_is_not_replaced_nor_turned_off_on_a_token_alone,
        an_app_that_is_not_turned_on_stands_in_for_nothing;
        alone,
        of_a_thousand_guesses_five_are_looked_at,
        after_five_minutes_a_challenge_is_over
    )
}

/// Somebody shows a code with the token of a challenge.
async fn shows(fleet: &Fleet, token: &str, code: &str) -> Answer {
    cast::stranger(fleet).post("/auth/mfa/verify", json!({ "mfa_token": token, "code": code })).await
}

async fn a_password_alone_opens_nothing(fleet: Arc<Fleet>) {
    let (ada, _) = cast::equipped(&fleet).await;
    let asked = cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(401, "mfa_required");
    assert!(!asked.text.contains("access_token") && asked.header("set-cookie").is_empty(), "{asked:?}");
    assert_eq!(asked.json()["methods"], json!(["totp", "recovery_code"]));
}

async fn a_code_is_good_once(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let code = app.next_code();
    shows(&fleet, &cast::challenged(&ada).await, &code).await.is(200);
    shows(&fleet, &cast::challenged(&ada).await, &code).await.refuses(401, "wrong_code");
}

async fn of_twenty_at_once_one_code_is_taken(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let code = app.next_code();
    // Each with a challenge of its own: it is the code that is good once.
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(cast::challenged(&ada).await);
    }
    let raced = join_all((0..20).map(|n| shows(&fleet, &challenges[n % 4], &code))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [200, 401, 429, 503].contains(&answer.status)), "{raced:?}");
}

async fn a_code_of_the_step_before_and_of_the_one_behind_are_good(fleet: Arc<Fleet>) {
    let mut ada = cast::member(&fleet).await;
    let mut app = App::enrolled(&ada).await;
    early_in_a_step().await;
    let (before, behind) = (app.code(-1), app.code(1));
    app.confirm(&mut ada, &before).await;
    shows(&fleet, &cast::challenged(&ada).await, &behind).await.is(200);
}

async fn a_code_of_two_steps_before_is_none(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let app = App::enrolled(&ada).await;
    let refused = confirmed(&ada, &app.code(-2)).await.refuses(422, "invalid").json();
    assert_eq!(refused["errors"][0]["code"], "wrong_code", "{refused}");
}

async fn a_code_of_two_steps_behind_is_none(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let token = cast::challenged(&ada).await;
    early_in_a_step().await;
    shows(&fleet, &token, &app.code(2)).await.refuses(401, "wrong_code");
}

async fn the_code_of_another_app_is_none(fleet: Arc<Fleet>) {
    let ((ada, _), (_, mallorys)) = (cast::equipped(&fleet).await, cast::equipped(&fleet).await);
    shows(&fleet, &cast::challenged(&ada).await, &mallorys.next_code()).await.refuses(401, "wrong_code");
}

async fn the_challenge_of_another_account_takes_no_code_of_ones_own(fleet: Arc<Fleet>) {
    let ((ada, hers), (mallory, _)) = (cast::equipped(&fleet).await, cast::equipped(&fleet).await);
    let token = cast::challenged(&mallory).await;
    shows(&fleet, &token, &hers.next_code()).await.refuses(401, "wrong_code");
    shows(&fleet, &token, &hers.recovery_codes[0]).await.refuses(401, "wrong_code");
    // They were not used up by it.
    shows(&fleet, &cast::challenged(&ada).await, &hers.recovery_codes[0]).await.is(200);
}

async fn the_sixth_try_of_a_challenge_is_none(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let token = cast::challenged(&ada).await;
    for _ in 0..5 {
        shows(&fleet, &token, &app.wrong_code()).await.refuses(401, "wrong_code");
    }
    shows(&fleet, &token, &app.next_code()).await.refuses(401, "mfa_invalid");
    // Nor does another challenge go on where this one ended.
    shows(&fleet, &cast::challenged(&ada).await, &app.next_code()).await.refuses(429, "too_many_attempts");
}

async fn a_challenge_is_good_once(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let token = cast::challenged(&ada).await;
    shows(&fleet, &token, &app.recovery_codes[0]).await.is(200);
    shows(&fleet, &token, &app.recovery_codes[1]).await.refuses(401, "mfa_invalid");
}

async fn a_challenge_of_before_another_password_is_void(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let token = cast::challenged(&ada).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "granite-vélo-82-safran" });
    ada.post("/auth/change-password", change).await.is(204);
    shows(&fleet, &token, &app.next_code()).await.refuses(401, "mfa_invalid");
}

async fn a_recovery_code_is_good_once(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let code = &app.recovery_codes[3];
    shows(&fleet, &cast::challenged(&ada).await, &code.to_lowercase().replace('-', " ")).await.is(200);
    shows(&fleet, &cast::challenged(&ada).await, code).await.refuses(401, "wrong_code");
    assert_eq!(ada.get("/auth/mfa").await.is(200).json()["recovery_codes"], 9);
}

async fn of_twenty_at_once_one_recovery_code_is_taken(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(cast::challenged(&ada).await);
    }
    let raced = join_all((0..20).map(|n| shows(&fleet, &challenges[n % 4], &app.recovery_codes[0]))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [200, 401, 429, 503].contains(&answer.status)), "{raced:?}");
    assert_eq!(ada.get("/auth/mfa").await.is(200).json()["recovery_codes"], 9);
}

async fn the_recovery_code_of_another_account_is_none(fleet: Arc<Fleet>) {
    let ((ada, _), (_, mallorys)) = (cast::equipped(&fleet).await, cast::equipped(&fleet).await);
    shows(&fleet, &cast::challenged(&ada).await, &mallorys.recovery_codes[0]).await.refuses(401, "wrong_code");
}

async fn what_is_no_code_is_refused(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let token = cast::challenged(&ada).await;
    for code in ["", "12345", "000000000000000", "' OR 1=1 --"] {
        shows(&fleet, &token, code).await.refuses(401, "wrong_code");
    }
    shows(&fleet, &token, &"1".repeat(41)).await.refuses(422, "invalid");
    for number in [json!(123_456), json!(null), json!(["123456"])] {
        let body = json!({ "mfa_token": token, "code": number });
        cast::stranger(&fleet).post("/auth/mfa/verify", body).await.is(422);
    }
    shows(&fleet, &token, &app.next_code()).await.is(200);
}

async fn an_app_is_not_replaced_nor_turned_off_on_a_token_alone(fleet: Arc<Fleet>) {
    let mut ada = cast::member(&fleet).await;
    // A token of a login by the password, from before there was an app.
    let before = ada.clone();
    App::turned_on(&mut ada).await;
    ada.post("/auth/mfa/totp", json!({})).await.refuses(409, "totp_enabled");
    for path in ["/auth/mfa/totp", "/auth/step-up"] {
        before.post(path, json!({ "password": PASSWORD })).await.refuses(401, "step_up_required");
    }
    before.delete("/auth/mfa/totp").await.refuses(401, "step_up_required");
    before.post("/auth/mfa/recovery-codes", json!({})).await.refuses(401, "step_up_required");
    assert_eq!(ada.get("/auth/mfa").await.is(200).json()["totp"], true);
}

async fn an_app_that_is_not_turned_on_stands_in_for_nothing(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let app = App::enrolled(&ada).await;
    ada.post("/auth/step-up", json!({ "code": app.code(0) })).await.refuses(401, "step_up_required");
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.is(200);
}

async fn of_a_thousand_guesses_five_are_looked_at(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let (begun, mut looked_at) = (Instant::now(), 0);
    for challenge in 0..10 {
        let token = cast::challenged(&ada).await;
        for round in 0..10 {
            let guesses = (0..10).map(|n| format!("{:06}", 100_000 + 100 * challenge + 10 * round + n));
            let guesses: Vec<String> = guesses.filter(|code| !is_near(&app, code)).collect();
            let answers = join_all(guesses.iter().map(|code| shows(&fleet, &token, code))).await;
            for answer in answers {
                assert!([401, 429, 503].contains(&answer.status), "{answer:?}");
                looked_at += usize::from(answer.json()["code"] == "wrong_code");
            }
        }
    }
    // A lock lasts a minute; on a very slow machine another guess fits in.
    let most = 5 + usize::try_from(begun.elapsed().as_secs() / 60).unwrap();
    assert!((5..=most).contains(&looked_at), "{looked_at}, however many challenges there are");
    sees_the_failures(&ada).await;
}

/// By chance a guess is right, and then it proves nothing.
fn is_near(app: &App, code: &str) -> bool {
    (-3..=6).any(|away| app.code(away) == code)
}

async fn sees_the_failures(ada: &Person<'_>) {
    let events = ada.get("/auth/security-events?limit=100").await.is(200).text;
    assert!(events.contains("wrong_code"), "{events}");
}

async fn after_five_minutes_a_challenge_is_over(fleet: Arc<Fleet>) {
    let (ada, app) = cast::equipped(&fleet).await;
    let token = cast::challenged(&ada).await;
    let _later = Trip::to("+6m");
    shows(&fleet, &token, &app.recovery_codes[0]).await.refuses(401, "mfa_invalid");
}
