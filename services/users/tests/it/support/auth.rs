//! A stand-in for auth: another process's endpoint, which gives a username to whoever asks first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, put};
use contracts::UserId;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::Signer;
use tokio::sync::Notify;

/// When every test begins.
const BEGIN: Timestamp = Timestamp::constant(1_768_296_600, 0);

/// What it does to whoever claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It gives what is free.
    #[default]
    Fair,
    /// It answers 503.
    Busy,
    /// It says that the name is none.
    Fussy,
    /// It answers only once it is told to.
    Slow,
}

/// Who has which name, and for what it was asked.
#[derive(Default)]
pub struct Auth {
    names: Mutex<BTreeMap<String, UserId>>,
    asked: Mutex<Vec<String>>,
    mood: Mutex<Mood>,
    /// Told by a slow one when it is asked.
    pub reached: Notify,
    /// Lets a slow one answer.
    pub go_on: Notify,
}

impl Auth {
    /// Serves it; answers it and its URL.
    pub async fn start() -> (Arc<Self>, String) {
        let auth = Arc::new(Self::default());
        let shared = Data::from(auth.clone());
        let app = move || {
            App::new().configure(|config: &mut ServiceConfig| {
                config.app_data(shared.clone()).service(claim);
            })
        };
        let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(server.run());
        (auth, url)
    }

    /// From now on it behaves so.
    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The names it was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[put("/api/v1/auth/username")]
async fn claim(auth: Data<Auth>, request: HttpRequest, body: Json<Value>) -> HttpResponse {
    let token = request.headers().get("authorization").and_then(|text| text.to_str().ok()?.strip_prefix("Bearer "));
    let Some(owner) = token.and_then(|token| Signer::ours().verifier().verify(token, BEGIN).ok()) else {
        return HttpResponse::Unauthorized().finish();
    };
    let owner = owner.user;
    let name = body["username"].as_str().unwrap().to_owned();
    auth.asked.lock().unwrap().push(name.clone());
    let mood = *auth.mood.lock().unwrap();
    match mood {
        Mood::Busy => return HttpResponse::ServiceUnavailable().finish(),
        Mood::Fussy => return HttpResponse::UnprocessableEntity().finish(),
        Mood::Slow => {
            auth.reached.notify_one();
            auth.go_on.notified().await;
        }
        Mood::Fair => {}
    }
    let mut names = auth.names.lock().unwrap();
    if names.get(&name).is_some_and(|holder| *holder != owner) {
        return HttpResponse::Conflict().json(json!({ "code": "username_taken" }));
    }
    names.insert(name, owner);
    HttpResponse::Ok().json(json!({}))
}
