//! What a test needs to know of the service under test.

use contracts::UserId;
use diesel_migrations::EmbeddedMigrations;
use outbox::Subscriptions;
use server::Definition;

/// A service under test. Its `tests/it/support.rs` implements it and names `TestApp<ThatService>`.
pub trait Subject: Send + Sync + 'static {
    /// The state that its handlers take.
    type State: Send + Sync + 'static;

    /// Its folder: `env!("CARGO_MANIFEST_DIR")`.
    const FOLDER: &'static str;

    /// Whether it signs tokens itself; then its own verifier is kept and actors come by [`crate::TestApp::actor`].
    const SIGNS: bool = false;

    /// What it is.
    fn definition() -> Definition;

    /// The steps to its schema.
    fn migrations() -> EmbeddedMigrations;

    /// What it hears.
    fn subscriptions() -> Subscriptions<Self::State>;

    /// Variables beyond those that every service knows, such as `LIMIT_POSTS`.
    fn variables() -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What to set up for somebody new, such as a row that an event would have made. Nothing for most.
    fn meet(_state: &Self::State, _user: UserId) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}
