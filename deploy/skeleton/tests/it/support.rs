//! What the tests of this service share.

use diesel_migrations::EmbeddedMigrations;
use outbox::Subscriptions;
use serde_json::{Value, json};
use server::Definition;
use skeleton_name::state::State;
use testkit::{Actor, Subject};

/// The service under test.
pub struct SkeletonName;

pub type TestApp = testkit::TestApp<SkeletonName>;

impl Subject for SkeletonName {
    type State = State;
    const FOLDER: &'static str = env!("CARGO_MANIFEST_DIR");

    fn definition() -> Definition {
        skeleton_name::service()
    }

    fn migrations() -> EmbeddedMigrations {
        skeleton_name::MIGRATIONS
    }

    fn subscriptions() -> Subscriptions<State> {
        skeleton_name::events::subscriptions()
    }
}

/// An entry to be.
pub fn new_entry(body: &str) -> Value {
    json!({ "body": body })
}

/// The id of an entry that `owner` wrote.
pub async fn written_by(owner: &Actor) -> String {
    owner.post("/skeleton-name/entries", new_entry("Bonjour")).await.id()
}
