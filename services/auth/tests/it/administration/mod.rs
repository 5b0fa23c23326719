//! What administrators see and do.

mod act;
mod activate;
mod change;
mod deactivate;
mod end_session;
mod end_sessions;
mod erase;
mod invite;
mod invite_again;
mod list;
mod list_sessions;
mod mail_reset;
mod reset_mfa;
mod rules;
mod show;
mod unlock;

use auth::administration::reason::Why;
use contracts::UserId;
use contracts::acts::{AdminAct, AdminActed, ReasonCode};
use serde_json::{Value, json};

use crate::support::{Deeds, SignedIn, TestApp};

/// A reason as nobody else would put it.
const WORDS: &str = "Trois signalements de Grâce.";

fn at(user: UserId) -> String {
    format!("/auth/users/{user}")
}

fn below(user: UserId, what: &str) -> String {
    format!("/auth/users/{user}/{what}")
}

fn because() -> Value {
    json!({ "reason": WORDS, "reason_code": "abuse" })
}

fn why() -> Why {
    Why { words: WORDS.into(), code: ReasonCode::Abuse }
}

/// What was told of administrators.
async fn acts(app: &TestApp) -> Vec<AdminAct> {
    app.emitted_of::<AdminActed>().await.iter().map(|acted| acted.action).collect()
}

/// The latest that an owner reads of the account: what, and why.
async fn latest(owner: &SignedIn) -> (String, Option<String>) {
    let list = owner.actor.get("/auth/security-events?limit=1").await.has_status(200).json();
    let item = &list["items"][0];
    (item["kind"].as_str().unwrap().to_owned(), item["reason"].as_str().map(str::to_owned))
}

/// How many administrators are left.
async fn administrators(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM users WHERE 'admin' = ANY(roles) AND is_active").await
}
