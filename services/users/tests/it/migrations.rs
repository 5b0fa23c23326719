//! The tables of outbox and erasure are their crates'.

use std::fs;
use std::path::Path;

#[test]
fn the_tables_of_outbox_and_erasure_are_those_of_their_crates() {
    for step in outbox::MIGRATIONS.into_iter().chain(gdpr::MIGRATIONS) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(step.name);
        let copy = ["up.sql", "down.sql"].map(|file| fs::read_to_string(folder.join(file)).unwrap());
        assert_eq!(copy, [step.up, step.down], "{}", step.name);
    }
}
