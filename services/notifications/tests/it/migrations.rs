//! The tables of the outbox are its crate's.

use std::fs;
use std::path::Path;

#[test]
fn the_tables_of_the_outbox_are_those_of_its_crate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/2026-01-01-000000_outbox");
    let step = ["up.sql", "down.sql"].map(|file| fs::read_to_string(folder.join(file)).unwrap());
    assert_eq!(step, [outbox::MIGRATION_UP, outbox::MIGRATION_DOWN]);
}
