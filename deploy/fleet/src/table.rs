//! What there is to run: one row per service.

use server::Definition;

/// A service of the fleet.
#[derive(Clone, Copy)]
pub struct Row {
    /// Its name: folder, package, queue.
    pub name: &'static str,
    /// Its database.
    pub database: &'static str,
    /// What it is.
    pub define: fn() -> Definition,
    /// Secrets that it alone is given, drawn at the first start.
    pub secrets: &'static [&'static str],
}

/// Every service. `make service` adds a row.
pub const SERVICES: &[Row] = &[
    Row {
        name: "auth",
        database: "auth_db",
        define: auth::service,
        secrets: &["AUTH_KEY_SECRET", "AUTH_STRIPE_WEBHOOK_SECRET"],
    },
    Row { name: "users", database: "user_db", define: users::service, secrets: &[] },
    Row { name: "posts", database: "post_db", define: posts::service, secrets: &[] },
    Row { name: "notifications", database: "notifications_db", define: notifications::service, secrets: &[] },
];

/// The name that the gateway has beside the services.
pub const GATEWAY: &str = "gateway";

/// Where the gateway listens.
pub const GATEWAY_PORT: u16 = 8080;

/// What is added to a port for the internal one.
pub const INTERNAL: u16 = 10_000;

/// The service of that name.
#[must_use]
pub fn service(name: &str) -> Option<&'static Row> {
    SERVICES.iter().find(|row| row.name == name)
}
