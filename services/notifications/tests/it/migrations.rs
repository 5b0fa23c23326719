//! The tables of the outbox are its crate's.

use std::fs;
use std::path::Path;

#[test]
fn the_tables_of_the_outbox_are_those_of_its_crate() {
    for step in outbox::MIGRATIONS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(step.name);
        let copy = ["up.sql", "down.sql"].map(|file| fs::read_to_string(folder.join(file)).unwrap());
        assert_eq!(copy, [step.up, step.down], "{}", step.name);
    }
}
