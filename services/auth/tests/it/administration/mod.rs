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

/// What looks at accounts and changes nothing.
const READS: [AdminAct; 3] = [AdminAct::AccountsListed, AdminAct::AccountSeen, AdminAct::SessionsSeen];

/// What was told of what administrators did.
async fn acts(app: &TestApp) -> Vec<AdminAct> {
    let all = app.emitted_of::<AdminActed>().await.into_iter().map(|acted| acted.action);
    all.filter(|action| !READS.contains(action)).collect()
}

/// The account of `<name>@example.org`, whether its address is proven or not.
async fn account(root: &SignedIn, name: &str) -> UserId {
    let page = root.actor.get(&format!("/auth/users?q={name}@example.org")).await.has_status(200).json();
    page["items"][0]["id"].as_str().unwrap().parse().unwrap()
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
