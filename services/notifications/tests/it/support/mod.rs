//! What the tests of this service share.

pub mod mail_server;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use contracts::auth::ContactChanged;
use contracts::mail::Send;
use contracts::users::{Channels, Preferences, ProfileUpdated};
use contracts::{Event, Language, UserId};
use db::page::Page;
use diesel_migrations::EmbeddedMigrations;
use jiff::SignedDuration;
use notifications::deliveries::queries;
use notifications::deliveries::row::DeliveryRow;
use notifications::jobs::send;
use notifications::state::State;
use outbox::Subscriptions;
use server::Definition;
use testkit::Subject;

use mail_server::MailServer;

/// The service under test.
pub struct Notifications;

pub type TestApp = testkit::TestApp<Notifications>;

impl Subject for Notifications {
    type State = State;
    const FOLDER: &'static str = env!("CARGO_MANIFEST_DIR");

    fn definition() -> Definition {
        notifications::service()
    }

    fn migrations() -> EmbeddedMigrations {
        notifications::MIGRATIONS
    }

    fn subscriptions() -> Subscriptions<State> {
        notifications::events::subscriptions()
    }

    fn variables() -> Vec<(&'static str, String)> {
        vec![("MAIL_DIR", folder().display().to_string())]
    }
}

/// An empty folder that no other test has.
pub fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mail_{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// A service that writes its mails into a folder.
pub async fn with_folder() -> (TestApp, PathBuf) {
    let folder = folder();
    (TestApp::with(&[("MAIL_DIR", &folder.display().to_string())]).await, folder)
}

/// A service with a mail server.
pub async fn with_server() -> (TestApp, MailServer) {
    let server = MailServer::start().await;
    (TestApp::with(&[("SMTP_URL", &server.url())]).await, server)
}

/// The mails in a folder, by the names of their files.
pub fn mails(folder: &Path) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder).map(|files| files.flatten().collect()).unwrap_or_else(|_| Vec::new());
    let read = |file: &std::fs::DirEntry| {
        let name = file.file_name().into_string().unwrap();
        (name, std::fs::read_to_string(file.path()).unwrap())
    };
    let mut mails: Vec<_> = files.iter().map(read).collect();
    mails.sort();
    mails
}

/// Sends all that is due now; how many tries that were.
pub async fn send_due(app: &TestApp) -> usize {
    let state = app.state().clone();
    app.background(async move {
        let mut tries = 0;
        loop {
            match send::round(&state).await.unwrap() {
                0 => return tries,
                more => tries += more,
            }
        }
    })
    .await
}

/// The mails that there are, the newest first.
pub async fn deliveries(app: &TestApp) -> Vec<DeliveryRow> {
    let all = Page { limit: 100, after: None };
    queries::newest(&mut app.db().conn().await.unwrap(), None, &all).await.unwrap()
}

/// The one mail that there is.
pub async fn the_delivery(app: &TestApp) -> DeliveryRow {
    let [only] = deliveries(app).await.try_into().unwrap();
    only
}

/// A wish for a mail to Ada that is good for a day.
pub fn wish(app: &TestApp, template: &str, key: &str) -> Send {
    let link = "http://127.0.0.1:8080/api/v1/auth/verify-email?token=s3cr3t-t0ken";
    Send {
        template: template.into(),
        to: Some("ada@example.org".into()),
        user_id: None,
        locale: Some(Language::En),
        params: [("link".to_owned(), link.to_owned())].into(),
        dedup_key: key.into(),
        expires_at: app.clock.now() + SignedDuration::from_hours(24),
    }
}

/// What auth tells of somebody.
pub fn contact(user_id: UserId) -> ContactChanged {
    ContactChanged { user_id, locale: Language::En, ..ContactChanged::sample() }
}

/// What users tells of somebody.
pub fn profile(user_id: UserId, language: Language, version: i64) -> ProfileUpdated {
    let notifications = Channels { email: true, push: true, ws: true };
    let preferences = Preferences { language, timezone: "Europe/Paris".into(), day_start_hour: 0, notifications };
    ProfileUpdated { user_id, preferences, version, ..ProfileUpdated::sample() }
}
