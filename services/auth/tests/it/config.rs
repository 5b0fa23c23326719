//! What configuration may say of providers.

use auth::config::ProvidersConfig;
use settings::{ExposeSecret, Reader};

fn read(pairs: &[(&str, &str)]) -> Result<ProvidersConfig, String> {
    Reader::from_pairs(pairs.iter().copied()).load(ProvidersConfig::read).map_err(|report| report.to_string())
}

fn acme(issuer: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AUTH_PROVIDERS", "acme".into()),
        ("AUTH_PROVIDER_ACME_ISSUER", issuer.into()),
        ("AUTH_PROVIDER_ACME_CLIENT_ID", "id".into()),
        ("AUTH_PROVIDER_ACME_CLIENT_SECRET", "secret".into()),
    ]
}

#[test]
fn nobody_is_known_where_nothing_is_said() {
    let none = read(&[]).unwrap();
    assert!(none.all.is_empty() && none.redirect_uris.is_empty());
}

#[test]
fn google_needs_an_id_and_a_secret_and_no_more() {
    let google = [
        ("AUTH_PROVIDERS", "google"),
        ("AUTH_PROVIDER_GOOGLE_CLIENT_ID", "id"),
        ("AUTH_PROVIDER_GOOGLE_CLIENT_SECRET", "s3cret"),
    ];
    let google = read(&google).unwrap().all.remove(0);
    assert_eq!((google.title.as_str(), google.issuer.as_str()), ("Google", "https://accounts.google.com"));
    assert_eq!(google.scopes, ["openid", "email", "profile"]);
    assert_eq!(google.client_secret.expose_secret(), "s3cret");
    assert!(!format!("{google:?}").contains("s3cret"));
}

#[test]
fn all_that_is_missing_or_wrong_is_told_at_once() {
    let wrong =
        read(&[("AUTH_PROVIDERS", "acme,acme,Exchange,exchange"), ("AUTH_REDIRECT_URIS", "http://app.example.org")]);
    let wrong = wrong.unwrap_err();
    for what in ["ACME_ISSUER is missing", "ACME_CLIENT_ID", "ACME_CLIENT_SECRET", "acme twice", "AUTH_REDIRECT_URIS"] {
        assert!(wrong.contains(what), "{what} is not in {wrong}");
    }
    assert_eq!(wrong.matches("small letters").count(), 2, "{wrong}");
}

#[test]
fn an_issuer_is_reached_safely_or_is_here() {
    let is_fine = |issuer: &str| Reader::from_pairs(acme(issuer)).load(ProvidersConfig::read).is_ok();
    for fine in
        ["https://id.example.org", "https://id.example.org/realms/one", "http://127.0.0.1:9000", "http://localhost"]
    {
        assert!(is_fine(fine), "{fine}");
    }
    for unsafe_one in ["http://id.example.org", "id.example.org", "https://id.example.org?x", "file:///etc/passwd"] {
        assert!(!is_fine(unsafe_one), "{unsafe_one}");
    }
}

#[test]
fn people_are_sent_back_to_applications_alone() {
    let is_fine = |uri: &str| read(&[("AUTH_REDIRECT_URIS", uri)]).is_ok();
    for fine in
        ["https://app.example.org/in", "http://localhost:3000/in", "http://[::1]:3000/in", "org.example.app:/in"]
    {
        assert!(is_fine(fine), "{fine}");
    }
    for wrong in
        ["http://app.example.org", "https://app.example.org/#in", "javascript:alert(1)", "/in", "data:text/html,x"]
    {
        assert!(!is_fine(wrong), "{wrong}");
    }
}
