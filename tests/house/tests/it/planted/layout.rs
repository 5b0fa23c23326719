//! The tree, the Makefile.

use super::{Case, breaks, keeps};

const TARGETS: &str =
    "help run up down travel admin test check bench t openapi events schema service trail: ## all\n\ta\n\tb\n\tc\n";

pub fn cases() -> Vec<Case> {
    let long = "line\n".repeat(41);
    let short = "line\n".repeat(40);
    vec![
        breaks("the_top_level_is_fixed", [("scripts/a.sh", "")], "scripts: the top level is fixed"),
        keeps("the_top_level_is_fixed", [("crates/db/src/lib.rs", ""), (".ci/run", ""), ("LICENSE", "")]),
        breaks("crates_are_the_known_ones", [("crates/shared/src/lib.rs", "")], "crates/shared"),
        keeps("crates_are_the_known_ones", [("crates/outbox/src/lib.rs", "")]),
        breaks("members_have_a_short_readme", [("crates/db/Cargo.toml", "")], "crates/db/: has no README.md"),
        breaks("members_have_a_short_readme", [("gateway/Cargo.toml", ""), ("gateway/README.md", &long)], "41 lines"),
        keeps("members_have_a_short_readme", [("crates/db/Cargo.toml", ""), ("crates/db/README.md", &short)]),
        breaks(
            "readmes_name_files_that_exist",
            [("README.md", "see `services/posts/src/lib.rs`")],
            "services/posts/src/lib.rs",
        ),
        keeps(
            "readmes_name_files_that_exist",
            [("README.md", "`crates/db/src/lib.rs`, `/api/v1/posts.json`, `cargo test`"), ("crates/db/src/lib.rs", "")],
        ),
        breaks(
            "the_readme_is_a_map",
            [("README.md", "make run"), ("services/README.md", "")],
            "does not show `make test`",
        ),
        breaks("the_readme_is_a_map", [("README.md", "make run, make test\n### a\n### b")], "walks 2 journeys"),
        breaks("the_readme_is_a_map", [("README.md", "")], "services/README.md: is missing"),
        keeps(
            "the_readme_is_a_map",
            [("README.md", "make run, make test\n### a\n### b\n### c"), ("services/README.md", "")],
        ),
        breaks("the_makefile_has_the_targets", [("Makefile", "help run up:\n\tcargo run\n")], "has no target trail"),
        keeps("the_makefile_has_the_targets", [("Makefile", TARGETS)]),
        breaks("recipes_are_short", [("Makefile", "up: ## start\n\ta\n\tb\n\tc\n\td\n")], "up has 4 lines"),
        keeps("recipes_are_short", [("Makefile", TARGETS)]),
    ]
}
