//! What the service has to be told.

use authn::ServiceKey;
use notifications::config::{Config, Mail};
use settings::{Reader, Report};

fn read(own: &[(&str, &str)]) -> Result<Config, Report> {
    let key = ServiceKey::draw().unwrap();
    let known = [
        ("ENVIRONMENT", "local"),
        ("DATABASE_URL", "postgres://a:b@127.0.0.1:1/c"),
        ("AMQP_URL", "amqp://127.0.0.1:1"),
        ("AUTH_ISSUER", "http://auth.test"),
        ("AUTH_INTERNAL_URL", "http://127.0.0.1:1"),
        ("CURSOR_SECRET", "a secret"),
        ("PUBLIC_URL", "http://127.0.0.1:8080"),
        ("SERVICE_KEY", key.as_str()),
    ];
    let all = known.iter().chain(own).map(|(name, value)| (name.to_string(), value.to_string()));
    Reader::from_pairs(all).load(Config::read)
}

fn complaint(own: &[(&str, &str)]) -> String {
    read(own).err().map(|report| report.to_string()).unwrap_or_default()
}

#[test]
fn without_a_mail_server_and_a_folder_it_does_not_start() {
    let complaint = complaint(&[]);
    assert!(complaint.contains("SMTP_URL") && complaint.contains("MAIL_DIR"), "{complaint}");
}

#[test]
fn a_mail_server_wins_over_a_folder() {
    let both = [("SMTP_URL", "smtp://127.0.0.1:1"), ("MAIL_DIR", "/tmp/mail")];
    assert!(matches!(read(&both).unwrap().mail, Mail::Server(_)));
    assert!(matches!(read(&both[1..]).unwrap().mail, Mail::Folder(_)));
}

#[test]
fn a_sender_is_asked_for_where_real_people_are() {
    let production = [("ENVIRONMENT", "production"), ("MAIL_DIR", "/tmp/mail")];
    assert_eq!(complaint(&production).matches("MAIL_FROM").count(), 2, "{}", complaint(&production));
    let wrong = [("MAIL_FROM", "nobody"), ("MAIL_DIR", "/tmp/mail")];
    assert!(complaint(&wrong).contains("MAIL_FROM must be a sender"), "{}", complaint(&wrong));
    let right = [("MAIL_FROM", "Jolmood <a@b.example>"), ("MAIL_DIR", "/tmp/mail")];
    assert_eq!(read(&right).unwrap().mail_from.to_string(), "Jolmood <a@b.example>");
}
