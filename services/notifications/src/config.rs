//! What this service is told by its environment.

use std::path::PathBuf;

use authn::ServiceKey;
use lettre::message::Mailbox;
use settings::{Environment, Reader, SecretString};
use url::Url;

/// Where mail goes, and the rest.
pub struct Config {
    /// `DATABASE_URL`, `DATABASE_POOL`.
    pub db: db::Config,
    /// `AMQP_URL`: the broker.
    pub amqp_url: SecretString,
    /// `AUTH_ISSUER`, `AUTH_INTERNAL_URL`: whose tokens are accepted.
    pub authn: authn::Config,
    /// `CURSOR_SECRET`: signs the cursors of lists.
    pub cursor_secret: SecretString,
    /// `SERVICE_KEY`: what this service signs by.
    pub service_key: ServiceKey,
    /// `PUBLIC_URL`: where people find the site; links in mails lead nowhere else.
    pub public_url: Url,
    /// `MAIL_FROM`: the sender, such as `Jolmood <bonjour@jolmood.example>`. Only the local launcher may leave it out.
    pub mail_from: Mailbox,
    /// `SMTP_URL`, or else `MAIL_DIR`. One of them must be there.
    pub mail: Mail,
}

/// Where mail goes.
pub enum Mail {
    /// `SMTP_URL`: a mail server, `smtp://user:password@host:587?tls=required` or `smtps://…`.
    Server(SecretString),
    /// `MAIL_DIR`: a folder, where each mail becomes an `.eml` file.
    Folder(PathBuf),
}

impl Config {
    /// Reads it, and notes all that is missing or wrong.
    pub fn read(env: &mut Reader) -> Self {
        Self {
            db: db::Config::read(env),
            amqp_url: env.required("AMQP_URL"),
            authn: authn::Config::read(env),
            cursor_secret: env.required("CURSOR_SECRET"),
            service_key: ServiceKey::read(env, "notifications"),
            public_url: env.required("PUBLIC_URL"),
            mail_from: sender(env),
            mail: destination(env),
        }
    }
}

fn sender(env: &mut Reader) -> Mailbox {
    let text: String = match env.environment() {
        Environment::Local => env.or("MAIL_FROM", "Jolmood <bonjour@jolmood.local>".to_owned()),
        Environment::Production => env.required("MAIL_FROM"),
    };
    text.parse().unwrap_or_else(|_| {
        if !text.is_empty() {
            env.problem("MAIL_FROM must be a sender like Jolmood <bonjour@jolmood.example>".into());
        }
        Mailbox::new(None, lettre::Address::new_dangerous("absent", "invalid"))
    })
}

fn destination(env: &mut Reader) -> Mail {
    let server: Option<SecretString> = env.optional("SMTP_URL");
    let folder: Option<PathBuf> = env.optional("MAIL_DIR");
    match (server, folder) {
        (Some(url), _) => Mail::Server(url),
        (None, Some(folder)) => Mail::Folder(folder),
        (None, None) => {
            env.problem("SMTP_URL is missing (a mail server), and so is MAIL_DIR (a folder in its place)".into());
            Mail::Folder(PathBuf::new())
        }
    }
}
