//! What accounts are known by at providers.

mod arrival;
mod claim;
mod confirm;
mod link;
mod list;
mod rules;
mod show_confirm;
mod unlink;

use auth::identities::{Arrival, Found, find};
use auth::providers::journey::Owner;
use auth::sessions::Visitor;
use contracts::{IdentityId, Language};
use db::Tx;
use problem::Problem;

use crate::support::{Deeds, SignedIn, TestApp, address};

/// Where tests say that Google is.
pub const ISSUER: &str = "http://127.0.0.1:1";

/// Somebody whom Google vouches for, with a proven address.
pub fn somebody(name: &str) -> Arrival {
    Arrival {
        provider: "google".into(),
        issuer: ISSUER.into(),
        subject: format!("{name} at Google"),
        email: Some(address(name)),
        email_verified: true,
        full_name: Some("Ada Lovelace".into()),
        picture: Some("https://pictures.example.org/ada.png".into()),
        language: Language::En,
    }
}

/// The same without the proof.
pub fn unproven(name: &str) -> Arrival {
    Arrival { email_verified: false, ..somebody(name) }
}

/// Somebody who is signed in, with the session.
pub fn owner(who: &SignedIn) -> Owner {
    Owner { user: who.id, session: who.claims()["sid"].as_str().unwrap().parse().unwrap() }
}

/// What is found for somebody who comes back.
pub async fn arrives(app: &TestApp, arrival: &Arrival) -> Result<Found, Problem> {
    let (state, visitor) = (app.state(), &Visitor::default());
    state.db.tx(async |tx: &mut Tx| find(tx, state, arrival, visitor).await).await
}

/// The account that somebody enters.
pub async fn enters(app: &TestApp, arrival: &Arrival) -> contracts::UserId {
    match arrives(app, arrival).await.unwrap() {
        Found::Account(account) => account.user.id,
        Found::Confirm(_) => panic!("it has to be confirmed"),
        Found::Closed(_) => panic!("it is closed"),
    }
}

/// What the browser keeps of somebody who has to confirm.
pub async fn is_asked(app: &TestApp, arrival: &Arrival) -> String {
    match arrives(app, arrival).await.unwrap() {
        Found::Account(_) => panic!("it was let in"),
        Found::Closed(_) => panic!("it is closed"),
        Found::Confirm(request) => request.show(),
    }
}

/// Attaches an identity behind the service's back.
pub async fn has_identity(app: &TestApp, who: &SignedIn, subject: &str) -> IdentityId {
    let id = IdentityId::at(app.clock.now());
    app.execute(&format!(
        "INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at, last_used_at)
         VALUES ('{id}', '{}', 'google', '{ISSUER}', '{subject}', 'ada@gmail.example', now(), now())",
        who.id
    ))
    .await;
    id
}
