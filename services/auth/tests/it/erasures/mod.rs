//! Erasures, with the other services played by their keys.

mod cancel;
mod chase;
mod list;
mod request;
mod retry;
mod rules;
mod show;
mod show_cancel;

use contracts::ErasureId;
use contracts::gdpr::{ErasureConfirmed, ErasureRequested, ParticipantAnnounced};
use gdpr::Erased;
use jiff::SignedDuration;
use outbox::Taken;
use serde_json::json;
use testkit::{Answer, Call};

use crate::support::{Deeds, SignedIn, TestApp};

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

#[tokio::test]
async fn nobody_is_found_in_any_table_once_it_is_complete() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    app.logs_in(NAME, "not her password").await.is(401, "invalid_credentials");
    app.asks_to_be(&zelda, "countess").await.has_status(202);
    let register = json!({ "email": "zeldalovelace@example.org", "password": "neuf-chats-roses" });
    app.nobody().post("/auth/register", register).header("idempotency-key", "one").await.has_status(201);
    let erasure = deletes(&zelda).await;
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
    let words = [&zelda.id.to_string(), NAME, "countess@example.org"];
    assert_eq!(testkit::found_in(app.db(), &words).await, ["erased_subjects.user_id", "erasures.user_id"]);
    let name = app.state().secrets.track("zeldalovelace@example.org");
    assert_eq!(testkit::found_in(app.db(), &[&name]).await, Vec::<String>::new(), "nor by its digest");
    assert_eq!(app.count("SELECT count(*) FROM erasures WHERE sealed_address IS NOT NULL").await, 0);
}
