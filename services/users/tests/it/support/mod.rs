//! What the tests of this service share.

pub mod auth;

use contracts::UserId;
use contracts::auth::ContactChanged;
use contracts::users::ProfileUpdated;
use contracts::{Event, Language};
use diesel_migrations::EmbeddedMigrations;
use outbox::Subscriptions;
use server::Definition;
use testkit::Subject;
use users::state::State;

/// The service under test.
pub struct Users;

pub type TestApp = testkit::TestApp<Users>;

impl Subject for Users {
    type State = State;
    const FOLDER: &'static str = env!("CARGO_MANIFEST_DIR");

    fn definition() -> Definition {
        users::service()
    }

    fn migrations() -> EmbeddedMigrations {
        users::MIGRATIONS
    }

    fn subscriptions() -> Subscriptions<State> {
        users::events::subscriptions()
    }
}

/// What auth tells of an account at registration.
pub fn contact(user: UserId, username: &str) -> ContactChanged {
    ContactChanged {
        user_id: user,
        email: "ada@example.org".into(),
        username: Some(username.into()),
        full_name: Some("Ada Lovelace".into()),
        picture_url: None,
        locale: Language::En,
        version: 1,
        ..ContactChanged::sample()
    }
}

/// The profiles that were told, in order.
pub async fn told(app: &TestApp) -> Vec<ProfileUpdated> {
    app.emitted_of::<ProfileUpdated>().await
}
