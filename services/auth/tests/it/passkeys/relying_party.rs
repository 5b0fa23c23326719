//! For which site and pages passkeys are.

use auth::config::PasskeyConfig;
use auth::passkeys::RelyingParty;
use settings::Reader;
use url::Url;

fn is_fine(id: &str, origins: &[&str]) -> bool {
    let origins: Vec<Url> = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    RelyingParty::new(id, &origins).is_ok()
}

#[test]
fn a_site_is_the_domain_of_its_pages_or_one_above_it_and_never_an_address() {
    let cases: [(&str, &[&str], bool); 10] = [
        ("example.org", &["https://example.org"], true),
        ("example.org", &["https://app.example.org"], true),
        ("example.org", &["https://example.org", "https://app.example.org:8443"], true),
        ("localhost", &["http://localhost:8080"], true),
        ("example.org", &["https://badexample.org"], false),
        ("example.org", &["https://example.org", "https://example.net"], false),
        ("app.example.org", &["https://example.org"], false),
        ("127.0.0.1", &["http://127.0.0.1:8080"], false),
        ("", &["https://example.org"], false),
        ("example.org", &[], false),
    ];
    for (id, origins, expected) in cases {
        assert_eq!(is_fine(id, origins), expected, "{id} {origins:?}");
    }
}

fn configured(pairs: &[(&str, &str)], public_url: &str) -> Result<PasskeyConfig, String> {
    let public_url: Url = public_url.parse().unwrap();
    let read = Reader::from_pairs(pairs.iter().copied()).load(|env| PasskeyConfig::read(env, &public_url));
    read.map_err(|report| report.to_string())
}

#[test]
fn without_settings_it_is_the_public_site() {
    let config = configured(&[], "https://jolmood.example/").unwrap();
    assert_eq!((config.rp_id.as_str(), config.origins[0].as_str()), ("jolmood.example", "https://jolmood.example/"));
    let own = [
        ("AUTH_PASSKEY_RP_ID", "example.org"),
        ("AUTH_PASSKEY_ORIGINS", "https://a.example.org, https://b.example.org"),
    ];
    let config = configured(&own, "https://jolmood.example/").unwrap();
    assert_eq!((config.rp_id.as_str(), config.origins.len()), ("example.org", 2));
}

#[test]
fn a_site_that_no_browser_would_take_is_named_at_the_start() {
    let Err(report) = configured(&[], "http://127.0.0.1:8080") else { panic!("an address is no site") };
    assert!(report.contains("AUTH_PASSKEY_RP_ID") && report.contains("AUTH_PASSKEY_ORIGINS"), "{report}");
    assert!(configured(&[], "absent:").is_ok(), "a PUBLIC_URL that is missing is named as that alone");
}
