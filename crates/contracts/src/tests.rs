use jiff::Timestamp;
use serde_json::json;

use super::*;

#[test]
fn ids_made_later_sort_later() {
    let first = PostId::at(Timestamp::constant(1_767_225_600, 0));
    let later = PostId::at(Timestamp::constant(1_767_225_600, 2_000_000));
    assert!(first < later);
    assert_eq!(first.to_string().parse::<PostId>().unwrap(), first);
}

#[test]
fn roles_are_a_sorted_list_without_doubles() {
    let roles: Roles = serde_json::from_value(json!(["admin", "user", "admin"])).unwrap();
    assert_eq!(serde_json::to_value(roles).unwrap(), json!(["user", "admin"]));
    assert!(roles.has(Role::Admin) && !roles.has(Role::Coach));
    assert!(serde_json::from_value::<Roles>(json!(["root"])).is_err());
}

#[test]
fn types_are_unique_and_named_after_their_service() {
    let mut seen = std::collections::BTreeSet::new();
    for entry in catalogue::all() {
        assert!(seen.insert(entry.event_type), "{} twice", entry.event_type);
        assert!(entry.event_type.ends_with(".v1"), "{}", entry.event_type);
    }
}

#[test]
fn journaled_events_carry_no_personal_text() {
    for entry in catalogue::all().into_iter().filter(|entry| entry.exchange == Exchange::Journaled) {
        let text = entry.sample.to_string();
        for word in ["@", "email\":", "name\":", "password\":", "token\":"] {
            assert!(!text.contains(word), "{} carries {word}", entry.event_type);
        }
    }
}

/// The schemas and samples are files, so that a change of the wire is seen in review. `UPDATE=1` writes them.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of `make events`")]
fn schemas_and_samples_are_as_published() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut stale = Vec::new();
    for entry in catalogue::all() {
        let published =
            json!({ "$id": Envelope::schema_of(entry.event_type), "schema": entry.schema, "sample": entry.sample });
        let text = format!("{}\n", serde_json::to_string_pretty(&published).unwrap());
        let file = folder.join(format!("{}.json", entry.event_type));
        if std::env::var("UPDATE").is_ok() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, text).unwrap();
        } else if std::fs::read_to_string(&file).ok().as_deref() != Some(&text) {
            stale.push(entry.event_type);
        }
    }
    assert!(stale.is_empty(), "run `make events` and review: {stale:?}");
}
