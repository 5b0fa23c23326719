//! What every handler, event and job of this service shares.

use authn::ServiceKey;
use clock::Clock;
use db::Db;
use db::page::Cursors;
use lettre::message::Mailbox;
use url::Url;

use crate::mail::Templates;
use crate::ports::mailer::Mailer;

/// Built once; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Signs cursors.
    pub cursors: Cursors,
    /// Where letters go.
    pub mailer: Mailer,
    /// The sender.
    pub mail_from: Mailbox,
    /// What mails say.
    pub templates: Templates,
    /// Where people find the site.
    pub public_url: Url,
    /// What this service signs by.
    pub service_key: ServiceKey,
}
