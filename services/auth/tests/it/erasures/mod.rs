//! Erasures, with the other services played by their keys.

mod cancel;
mod chase;
mod list;
mod request;
mod retry;
mod rules;
mod show;
mod show_cancel;

use auth::locks;
use contracts::auth::ContactChanged;
use contracts::gdpr::{ErasureConfirmed, ErasureRequested, ParticipantAnnounced};
use contracts::{ErasureId, UserId};
use gdpr::Erased;
use jiff::SignedDuration;
use outbox::Taken;
use serde_json::json;
use testkit::{Answer, Call};

use crate::events::export_requested::proofs_and_payments;
use crate::subscriptions::{BEGIN, Payments, checkout};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, address};

/// The services that answer.
pub const OTHERS: [&str; 3] = ["notifications", "posts", "users"];
/// A name that stands nowhere by chance.
pub const NAME: &str = "zeldalovelace";

/// An erasure, as whoever asked for it knows it.
pub struct Erasure {
    pub id: ErasureId,
    pub token: String,
}

/// An app that knows the services.
pub async fn with_services(variables: &[(&str, &str)]) -> TestApp {
    let app = TestApp::with(variables).await;
    for service in OTHERS {
        announce(&app, service).await;
    }
    app
}

/// A service starts.
pub async fn announce(app: &TestApp, service: &str) {
    let announced = ParticipantAnnounced { service: service.to_owned() };
    assert_eq!(app.deliver(&announced).await, Ok(Taken::Now));
}

/// Somebody wants to be erased.
pub async fn deletes(who: &SignedIn) -> Erasure {
    let answer = who.actor.delete("/auth/me").await;
    answer.has_status(202);
    let json = answer.json();
    let id: ErasureId = json["erasure_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/auth/erasures/{id}").as_str()));
    Erasure { id, token: json["receipt_token"].as_str().unwrap().to_owned() }
}

/// The job looks once.
pub async fn look(app: &TestApp) {
    let state = app.state().clone();
    app.background(async move { auth::erasures::chase::round(&state).await }).await.unwrap();
}

/// A service's receipt.
pub fn receipt(service: &str, erasure: ErasureId) -> ErasureConfirmed {
    let erased = Erased::default().and("rows", 3);
    gdpr::write_receipt(&testkit::service_key(service), erasure, erased).unwrap()
}

/// A service has erased.
pub async fn confirms(app: &TestApp, service: &str, erasure: &Erasure) {
    assert_eq!(app.deliver(&receipt(service, erasure.id)).await, Ok(Taken::Now));
}

/// What services were asked, in order: each time whom.
pub async fn asked(app: &TestApp) -> Vec<Vec<String>> {
    app.emitted_of::<ErasureRequested>().await.into_iter().map(|asked| asked.participants).collect()
}

impl Erasure {
    /// A call by the receipt token.
    pub fn shows(&self, call: Call) -> Call {
        call.header("authorization", &format!("Receipt {}", self.token))
    }

    /// How far it is.
    pub async fn read(&self, app: &TestApp) -> Answer {
        self.shows(app.nobody().get(&format!("/auth/erasures/{}", self.id))).await
    }

    /// The same in a word.
    pub async fn state(&self, app: &TestApp) -> String {
        let answer = self.read(app).await;
        answer.has_status(200);
        answer.json()["state"].as_str().unwrap().to_owned()
    }

    /// Is taken back.
    pub async fn cancel(&self, app: &TestApp) -> Answer {
        self.shows(app.nobody().call(reqwest::Method::POST, &format!("/auth/erasures/{}/cancel", self.id))).await
    }
}

/// Time passes, and the job looks.
pub async fn after(app: &TestApp, minutes: i64) {
    app.clock.advance(SignedDuration::from_mins(minutes));
    look(app).await;
}

/// What she did to others as an administrator, and what a payment of somebody else says of her.
fn traces(zelda: UserId, bob: UserId) -> String {
    let at = "2026-01-01Z";
    format!(
        "INSERT INTO deactivations VALUES ('{bob}', '{zelda}', 'other', 'why', '{at}');
         INSERT INTO tier_grants VALUES ('{bob}', 'PREMIUM', NULL, '{zelda}', '{at}');
         INSERT INTO stripe_customers VALUES ('cus_bob', '{bob}', '{at}');
         INSERT INTO stripe_events VALUES ('evt_bob', 'cus_bob', 'sub_bob', 'updated', '{at}', '{zelda}', 'active',
             'monthly', '{at}', true, NULL, '{at}')"
    )
}

/// By what names her failures are counted.
fn names(app: &TestApp, zelda: UserId) -> Vec<String> {
    let names = ["zeldalovelace@example.org".to_owned(), locks::codes_of(zelda), locks::password_of(zelda)];
    names.iter().map(|name| app.state().secrets.track(name)).collect()
}

#[tokio::test]
async fn nobody_is_found_in_any_table_once_it_is_complete() {
    let app = with_services(&[]).await;
    let (zelda, bob) = (app.signs_in(NAME).await, app.signs_in("bob").await);
    app.logs_in(NAME, "not her password").await.is(401, "invalid_credentials");
    app.asks_to_be(&zelda, "countess").await.has_status(202);
    let register = json!({ "email": "zeldalovelace@example.org", "password": "neuf-chats-roses" });
    app.nobody().post("/auth/register", register).header("idempotency-key", "one").await.has_status(201);
    zelda.actor.post("/auth/exports", json!({})).await.has_status(202);
    let erasure = deletes(&zelda).await;
    app.execute(&proofs_and_payments(zelda.id, NAME)).await;
    app.execute(&traces(zelda.id, bob.id)).await;
    let names = names(&app, zelda.id);
    for name in &names {
        app.execute(&format!("INSERT INTO login_failures VALUES ('{name}', 'unknown', '{{}}', '2026-01-01Z')")).await;
    }
    look(&app).await;
    app.execute("UPDATE outbox SET published_at = created_at").await;
    for service in OTHERS {
        confirms(&app, service, &erasure).await;
    }
    assert_eq!(erasure.state(&app).await, "COMPLETED");
    let mails = app.mails(NAME).await;
    assert_eq!(mails.len(), 1, "only the last mail is left, until it is told: {mails:?}");
    assert_eq!((mails[0].template.as_str(), mails[0].user_id), ("erasure_completed", None));
    app.execute("UPDATE outbox SET published_at = created_at").await;
    look(&app).await;
    // Stripe tells what it likes.
    app.hears(&checkout(zelda.id, "late", BEGIN)).await;
    let words = [&zelda.id.to_string(), NAME, "countess@example.org"];
    assert_eq!(testkit::found_in(app.db(), &words).await, ["erased_subjects.user_id", "erasures.user_id"]);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(testkit::found_in(app.db(), &names).await, Vec::<String>::new(), "nor by her names' digests");
    assert_eq!(app.count("SELECT count(*) FROM erasures WHERE sealed_address IS NOT NULL").await, 0);
    let of_bob = "SELECT (SELECT count(*) FROM deactivations) + (SELECT count(*) FROM tier_grants)
        + (SELECT count(*) FROM stripe_events)";
    assert_eq!(app.count(of_bob).await, 3, "what she did to others stays, and it was nobody");
}

#[tokio::test]
async fn an_address_that_is_part_of_anothers_or_is_anothers_by_now_takes_nothing_of_theirs() {
    let app = with_services(&[]).await;
    let erasure = deletes(&app.signs_in("ann").await).await;
    look(&app).await;
    for name in ["joann", "ann"] {
        let register = json!({ "email": address(name), "password": PASSWORD });
        app.nobody().post("/auth/register", register).header("idempotency-key", name).await.has_status(201);
        app.logs_in(name, "not the password").await.is(401, "invalid_credentials");
    }
    for service in OTHERS {
        confirms(&app, service, &erasure).await;
    }
    assert_eq!(erasure.state(&app).await, "COMPLETED");
    assert_eq!((app.links("joann").await.len(), app.links("ann").await.len()), (1, 1));
    assert_eq!(app.told::<ContactChanged>().await, 2, "what other services are to hear of them");
    assert_eq!(app.count("SELECT count(*) FROM idempotency_keys").await, 2);
    for name in ["joann", "ann"] {
        let tracked = app.state().secrets.track(&address(name));
        let found = testkit::found_in(app.db(), &[&tracked]).await;
        assert!(found.contains(&"login_failures.identifier_hmac".to_owned()), "{name}: {found:?}");
    }
}

#[tokio::test]
async fn what_opens_an_account_is_gone_at_once() {
    let app = with_services(&[]).await;
    let (zelda, root) = (app.signs_in(NAME).await, app.administers("root").await);
    app.execute(&proofs_and_payments(zelda.id, NAME)).await;
    let erase = root.actor.delete(&format!("/auth/users/{}", zelda.id));
    erase.json(json!({ "reason": "Elle l'a demandé.", "reason_code": "request" })).await.has_status(202);
    for table in [
        "SELECT count(*) FROM identities",
        "SELECT count(*) FROM exchange_codes",
        "SELECT count(*) FROM identity_codes",
        "SELECT count(*) FROM passkeys",
        "SELECT count(*) FROM passkey_ceremonies",
        "SELECT count(*) FROM totp_factors",
        "SELECT count(*) FROM recovery_codes",
        "SELECT count(*) FROM mfa_challenges",
    ] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}
