use std::collections::BTreeMap;

use authn::{JwkSet, ServiceKey, ServiceKeys};
use contracts::ErasureId;
use contracts::gdpr::{ErasureConfirmed, Retained};
use jiff::Timestamp;

use crate::{Erased, receipt, verify};

const NOW: Timestamp = Timestamp::constant(1_768_296_600, 0);

fn key(service: &str) -> ServiceKey {
    ServiceKey::of(service, &ServiceKey::draw().unwrap()).unwrap()
}

fn known(keys: &[&ServiceKey]) -> ServiceKeys {
    ServiceKeys::of(JwkSet { keys: keys.iter().filter_map(|key| key.public()).collect() }).unwrap()
}

fn erased() -> Erased {
    let invoices = Retained { what: "invoices".into(), basis: "tax_law".into(), until: Some(NOW) };
    Erased::default().and("posts", 2).and("posts", 1).and("likes", 7).but(invoices)
}

fn written(key: &ServiceKey) -> ErasureConfirmed {
    receipt::write(key, ErasureId::at(NOW), erased()).unwrap()
}

#[test]
fn what_is_counted_twice_is_added() {
    assert_eq!(erased().counts, BTreeMap::from([("likes".into(), 7), ("posts".into(), 3)]));
}

#[test]
fn a_receipt_is_its_services_own() {
    let posts = key("posts");
    let receipt = written(&posts);
    assert_eq!(receipt.service, "posts");
    verify(&known(&[&posts]), &receipt).unwrap();
}

#[test]
fn the_receipt_comes_through_json_unchanged() {
    let posts = key("posts");
    let json = serde_json::to_value(written(&posts)).unwrap();
    verify(&known(&[&posts]), &serde_json::from_value(json).unwrap()).unwrap();
}

/// What somebody changes in a receipt.
type Change = fn(&mut ErasureConfirmed);

#[test]
fn not_one_word_of_a_receipt_can_be_changed() {
    let (posts, users) = (key("posts"), key("users"));
    let (keys, whole) = (known(&[&posts, &users]), written(&posts));
    let changes: [(&str, Change); 6] = [
        ("another erasure", |one| one.erasure_id = ErasureId::at(NOW + jiff::SignedDuration::from_secs(1))),
        ("another service", |one| one.service = "users".into()),
        ("another count", |one| *one.counts.entry("posts".into()).or_default() += 1),
        ("nothing kept", |one| one.retained.clear()),
        ("another digest", |one| one.digest = "00".repeat(32)),
        ("another signature", |one| one.signature = "e30.e30.c2ln".into()),
    ];
    for (what, change) in changes {
        let mut changed = whole.clone();
        change(&mut changed);
        assert!(verify(&keys, &changed).is_err(), "{what}");
    }
}

#[test]
fn another_services_key_signs_no_receipt_of_ours() {
    let (posts, users) = (key("posts"), key("users"));
    let pretender = ServiceKey::of("posts", &ServiceKey::draw().unwrap()).unwrap();
    let keys = known(&[&posts, &users]);
    assert!(verify(&keys, &written(&pretender)).is_err());
    let mut receipt = written(&users);
    receipt.service = "posts".into();
    assert!(verify(&keys, &receipt).is_err());
    assert!(verify(&known(&[&users]), &written(&posts)).is_err());
}

#[test]
fn what_was_signed_for_something_else_is_no_receipt() {
    let posts = key("posts");
    let mut receipt = written(&posts);
    let claims = serde_json::json!({ "erasure_id": receipt.erasure_id, "service": "posts", "digest": receipt.digest });
    receipt.signature = posts.sign("svc+jwt", &claims).unwrap();
    assert!(verify(&known(&[&posts]), &receipt).is_err());
}

#[test]
fn a_receipt_of_before_stays_as_it_is_until_its_service_has_another_key() {
    let (old, new) = (key("posts"), key("posts"));
    let before = written(&old);
    assert_eq!(receipt::renewed(&old, before.clone()).unwrap(), before);
    assert!(verify(&known(&[&new]), &before).is_err());
    let renewed = receipt::renewed(&new, before.clone()).unwrap();
    verify(&known(&[&new]), &renewed).unwrap();
    assert_eq!((&renewed.counts, &renewed.retained), (&before.counts, &before.retained));
}
