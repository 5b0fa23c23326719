//! The tables that crates bring are theirs.

use std::fs;
use std::path::Path;

fn step(name: &str) -> [String; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
    ["up.sql", "down.sql"].map(|file| fs::read_to_string(folder.join(file)).unwrap())
}

#[test]
fn the_tables_of_outbox_and_idempotency_are_those_of_their_crates() {
    assert_eq!(step("2026-01-01-000000_outbox"), [outbox::MIGRATION_UP, outbox::MIGRATION_DOWN]);
    assert_eq!(step("2026-01-01-000001_idempotency_keys"), db::idempotency::MIGRATION);
}
