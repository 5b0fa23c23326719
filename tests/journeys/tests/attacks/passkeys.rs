//! A14: passkeys that are shown again, elsewhere, by others, or by a copy.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::app::App;
use crate::authenticator::{Device, Passkey};
use crate::canaries;
use crate::cast::{self, Trip};
use crate::fleet::Fleet;
use crate::person::{Answer, PASSWORD, Person};
use crate::report::{Row, row};

/// What a device says that is not true, and why it is refused.
type Lie = fn(&mut Device);

const LIES: [(&str, Lie, &str); 10] = [
    ("a page on another port", |d| d.origin = "http://localhost:8081", "other_origin"),
    ("a page of another scheme", |d| d.origin = "https://localhost:8080", "other_origin"),
    ("a page of a name that begins as ours", |d| d.origin = "http://localhost.evil.example:8080", "other_origin"),
    ("a page of a name that ends as ours", |d| d.origin = "http://evil-localhost:8080", "other_origin"),
    ("a page below our name", |d| d.origin = "http://evil.localhost:8080", "other_origin"),
    ("a page of no origin", |d| d.origin = "null", ""),
    ("a page inside another site's", |d| d.framed = true, "other_origin"),
    ("another site", |d| d.site = "evil.example", "other_site"),
    ("an owner whom nobody looked at", |d| d.knows_its_owner = false, "user_not_verified"),
    ("a challenge of its own", |d| d.challenge = Some("A".repeat(43)), "other_challenge"),
];

/// A14.
pub fn a14() -> Row {
    let row = row!(
        "A14",
        an_honest_device_enters,
        what_was_shown_once_is_worth_nothing,
        of_twenty_at_once_one_is_let_in,
        what_was_shown_for_another_challenge_is_refused,
        a_counter_that_goes_back_is_refused_and_noted,
        a_counter_that_stands_still_is_refused,
        a_passkey_that_nobody_has_is_refused,
        a_passkey_that_calls_itself_anothers_is_refused,
        a_passkey_for_the_account_of_another_is_refused,
        the_passkey_of_another_account_is_no_second_factor,
        the_ticket_of_another_purpose_is_none,
        the_ticket_of_another_account_makes_no_passkey,
        a_passkey_that_another_account_has_is_not_taken_over,
        a_passkey_is_not_added_on_an_old_token_alone,
        a_password_alone_does_not_enter_any_more;
        alone,
        after_five_minutes_a_question_is_over
    );
    LIES.into_iter().fold(row, |row, (says, lie, why)| {
        row.check(&format!("a device that speaks of {says} is refused"), move |fleet| is_refused(fleet, lie, why))
    })
}

/// What somebody's browser is asked at a path.
async fn asked(person: &Person<'_>, path: &str) -> Value {
    let asked = person.post(path, json!({})).await.is(200).json();
    canaries::keep("a ticket", asked["ticket"].as_str().unwrap());
    asked
}

/// Sends what a browser answered, with the ticket that came with the question.
async fn answers(person: &Person<'_>, path: &str, asked: &Value, credential: Value) -> Answer {
    person.post(path, json!({ "ticket": asked["ticket"], "credential": credential })).await
}

/// Somebody with an honest device and a passkey on it.
async fn equipped(fleet: &Fleet) -> (Person<'_>, Device, Passkey) {
    let (mut person, device) = (cast::member(fleet).await, Device::honest());
    let asked = asked(&person, "/auth/passkeys/options").await;
    let (passkey, credential) = device.makes(&asked);
    let added = answers(&person, "/auth/passkeys", &asked, credential).await.is(201).json();
    person.access = added["session"]["access_token"].as_str().unwrap().to_owned();
    cast::remember(&person);
    (person, device, passkey)
}

/// What a stranger's browser is asked.
async fn asked_to_enter(fleet: &Fleet) -> Value {
    asked(&cast::stranger(fleet), "/auth/passkeys/login/options").await
}

/// Tries to enter by what a device shows.
async fn enters(fleet: &Fleet, asked: &Value, credential: Value) -> Answer {
    answers(&cast::stranger(fleet), "/auth/passkeys/login", asked, credential).await
}

/// Why the owner reads that somebody did not enter.
async fn noted(person: &Person<'_>) -> String {
    let events = person.get("/auth/security-events?limit=1").await.is(200).json();
    events["items"][0]["reason"].as_str().unwrap_or_default().to_owned()
}

async fn an_honest_device_enters(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let asked = asked_to_enter(&fleet).await;
    let session = enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.is(200).json();
    assert_eq!(session["user"]["id"], ada.id.as_str());
}

async fn is_refused(fleet: Arc<Fleet>, lie: Lie, why: &'static str) {
    let (ada, mut device, mut passkey) = equipped(&fleet).await;
    lie(&mut device);
    let asked = asked_to_enter(&fleet).await;
    let refused = enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await;
    if why.is_empty() {
        assert!([401, 422].contains(&refused.status), "{refused:?}");
        return;
    }
    refused.refuses(401, "passkey_refused");
    assert_eq!(noted(&ada).await, why);
}

async fn what_was_shown_once_is_worth_nothing(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let asked = asked_to_enter(&fleet).await;
    let shown = device.shows(&mut passkey, &asked);
    enters(&fleet, &asked, shown.clone()).await.is(200);
    enters(&fleet, &asked, shown).await.refuses(401, "passkey_refused");
    ada.get("/auth/me").await.is(200);
}

async fn of_twenty_at_once_one_is_let_in(fleet: Arc<Fleet>) {
    let (_, device, mut passkey) = equipped(&fleet).await;
    let asked = asked_to_enter(&fleet).await;
    let shown = device.shows(&mut passkey, &asked);
    let raced = join_all((0..20).map(|_| enters(&fleet, &asked, shown.clone()))).await;
    assert_eq!(raced.iter().filter(|answer| answer.status == 200).count(), 1, "{raced:?}");
    assert!(raced.iter().all(|answer| [200, 401, 503].contains(&answer.status)), "{raced:?}");
}

async fn what_was_shown_for_another_challenge_is_refused(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let (first, second) = (asked_to_enter(&fleet).await, asked_to_enter(&fleet).await);
    let shown = device.shows(&mut passkey, &first);
    enters(&fleet, &second, shown).await.refuses(401, "passkey_refused");
    assert_eq!(noted(&ada).await, "other_challenge");
}

async fn a_counter_that_goes_back_is_refused_and_noted(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    passkey.counter = 40;
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.is(200);
    // A copy that was made before.
    passkey.counter = 7;
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.refuses(401, "passkey_refused");
    assert_eq!(noted(&ada).await, "counter_went_back");
}

async fn a_counter_that_stands_still_is_refused(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.is(200);
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows_again(&passkey, &asked)).await.refuses(401, "passkey_refused");
    assert_eq!(noted(&ada).await, "counter_went_back");
}

/// A passkey that was made for an account, and never given to it.
async fn made_for(person: &Person<'_>, device: &Device) -> Passkey {
    device.makes(&asked(person, "/auth/passkeys/options").await).0
}

async fn a_passkey_that_nobody_has_is_refused(fleet: Arc<Fleet>) {
    let (ada, device) = (cast::member(&fleet).await, Device::honest());
    let mut passkey = made_for(&ada, &device).await;
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.refuses(401, "passkey_refused");
}

async fn a_passkey_that_calls_itself_anothers_is_refused(fleet: Arc<Fleet>) {
    let (ada, device, passkey) = equipped(&fleet).await;
    let mallory = cast::member(&fleet).await;
    let mut forged = made_for(&mallory, &device).await;
    (forged.id, forged.user) = (passkey.id.clone(), passkey.user.clone());
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows(&mut forged, &asked)).await.refuses(401, "passkey_refused");
    assert_eq!(noted(&ada).await, "bad_signature");
}

async fn a_passkey_for_the_account_of_another_is_refused(fleet: Arc<Fleet>) {
    let (ada, _, hers) = equipped(&fleet).await;
    let (_, device, mut mallorys) = equipped(&fleet).await;
    mallorys.user = hers.user.clone();
    let asked = asked_to_enter(&fleet).await;
    enters(&fleet, &asked, device.shows(&mut mallorys, &asked)).await.refuses(401, "passkey_refused");
    ada.get("/auth/me").await.is(200);
}

async fn the_passkey_of_another_account_is_no_second_factor(fleet: Arc<Fleet>) {
    let (ada, _, _) = equipped(&fleet).await;
    let (_, device, mut mallorys) = equipped(&fleet).await;
    let (stranger, token) = (cast::stranger(&fleet), cast::challenged(&ada).await);
    let asked = stranger.post("/auth/mfa/passkey/options", json!({ "mfa_token": token })).await.is(200).json();
    let shown = json!({ "mfa_token": token, "credential": device.shows(&mut mallorys, &asked) });
    stranger.post("/auth/mfa/passkey", shown).await.refuses(401, "passkey_refused");
}

async fn the_ticket_of_another_purpose_is_none(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let stepping_up = asked(&ada, "/auth/step-up/passkey/options").await;
    let shown = device.shows(&mut passkey, &stepping_up);
    enters(&fleet, &stepping_up, shown).await.refuses(401, "passkey_refused");
    let entering = asked_to_enter(&fleet).await;
    let shown = device.shows(&mut passkey, &entering);
    answers(&ada, "/auth/step-up/passkey", &entering, shown).await.refuses(401, "passkey_refused");
}

async fn the_ticket_of_another_account_makes_no_passkey(fleet: Arc<Fleet>) {
    let (ada, mallory) = (cast::member(&fleet).await, cast::member(&fleet).await);
    let hers = asked(&ada, "/auth/passkeys/options").await;
    let (_, made) = Device::honest().makes(&hers);
    answers(&mallory, "/auth/passkeys", &hers, made).await.refuses(401, "passkey_refused");
    let list = mallory.get("/auth/passkeys").await.is(200).json();
    assert_eq!(list["items"], json!([]));
}

async fn a_passkey_that_another_account_has_is_not_taken_over(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let mallory = cast::member(&fleet).await;
    let asked = asked(&mallory, "/auth/passkeys/options").await;
    let (_, made) = device.makes_as(&asked, passkey.id.clone());
    answers(&mallory, "/auth/passkeys", &asked, made).await.refuses(401, "passkey_refused");
    let asked = asked_to_enter(&fleet).await;
    let session = enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.is(200).json();
    assert_eq!(session["user"]["id"], ada.id.as_str());
}

async fn a_passkey_is_not_added_on_an_old_token_alone(fleet: Arc<Fleet>) {
    let mut ada = cast::member(&fleet).await;
    let before = ada.clone();
    App::turned_on(&mut ada).await;
    // Whoever has a token of a login by the password, and the password, lacks the second factor.
    let wish = json!({ "password": PASSWORD });
    before.post("/auth/passkeys/options", wish).await.refuses(401, "step_up_required");
    before.post("/auth/passkeys/options", json!({})).await.refuses(401, "step_up_required");
}

async fn a_password_alone_does_not_enter_any_more(fleet: Arc<Fleet>) {
    let (ada, _, _) = equipped(&fleet).await;
    let asked = cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(401, "mfa_required");
    assert_eq!(asked.json()["methods"], json!(["passkey"]));
}

async fn after_five_minutes_a_question_is_over(fleet: Arc<Fleet>) {
    let (ada, device, mut passkey) = equipped(&fleet).await;
    let asked = asked_to_enter(&fleet).await;
    let _later = Trip::to("+6m");
    enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.refuses(401, "passkey_refused");
    let asked = asked_to_enter(&fleet).await;
    let session = enters(&fleet, &asked, device.shows(&mut passkey, &asked)).await.is(200).json();
    assert_eq!(session["user"]["id"], ada.id.as_str());
}

/// How somebody is refused whose passkey nobody has, whose passkey is a forged one, and whose is used a second time.
pub async fn refusals(fleet: &Fleet) -> Vec<Answer> {
    let (_, device, mut passkey) = equipped(fleet).await;
    let mallory = cast::member(fleet).await;
    let mut unknown = made_for(&mallory, &device).await;
    let mut forged = made_for(&mallory, &device).await;
    (forged.id, forged.user) = (passkey.id.clone(), passkey.user.clone());
    let mut refused = Vec::new();
    for shown in [&mut unknown, &mut forged] {
        let asked = asked_to_enter(fleet).await;
        refused.push(enters(fleet, &asked, device.shows(shown, &asked)).await.is(401));
    }
    let asked = asked_to_enter(fleet).await;
    let shown = device.shows(&mut passkey, &asked);
    enters(fleet, &asked, shown.clone()).await.is(200);
    refused.push(enters(fleet, &asked, shown).await.is(401));
    refused
}
