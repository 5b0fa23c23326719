//! Every rule, by the part of the project that it looks at.
//!
//! Each is a sentence and a function of a tree. A new one needs a line in [`ALL`] and a planted violation in
//! `tests/it/planted/`, without which a test fails.

pub mod clocks;
pub mod events;
pub mod kinds;
pub mod layout;
pub mod make;
pub mod manifests;
pub mod names;
pub mod owners;
pub mod routes;
pub mod services;
pub mod sizes;
pub mod sql;
pub mod testing;
pub mod writing;

use crate::{Finding, Tree};

/// Answers all that breaks it.
pub type Rule = fn(&Tree) -> Vec<Finding>;

/// Every rule and its name.
pub const ALL: &[(&str, Rule)] = &[
    ("the_top_level_is_fixed", layout::top_level),
    ("crates_are_the_known_ones", layout::known_crates),
    ("members_have_a_short_readme", layout::readmes),
    ("readmes_name_files_that_exist", layout::readme_paths),
    ("the_readme_is_a_map", layout::readme_map),
    ("manifests_inherit_from_the_workspace", manifests::inherit),
    ("packages_are_named_after_their_folder", manifests::named_after_folder),
    ("versions_live_at_the_root", manifests::versions_at_the_root),
    ("services_compile_their_lib_once", manifests::lib_once),
    ("nothing_has_features_but_contracts", manifests::no_features),
    ("there_is_no_macro_crate", manifests::no_macro_crate),
    ("the_root_denies_what_the_house_denies", manifests::root_lints),
    ("dependencies_point_down", owners::direction),
    ("crates_earn_their_place", owners::earned),
    ("libraries_have_an_owner", owners::libraries),
    ("the_gateway_leaves_diesel_off", owners::gateway_without_diesel),
    ("services_have_the_golden_layout", services::layout),
    ("main_is_one_line", services::main_is_one_line),
    ("endpoints_are_named_after_their_file", services::endpoint_names),
    ("endpoints_have_their_test_file", services::endpoint_tests),
    ("services_have_no_statics", services::no_statics),
    ("who_is_calling_is_an_argument", services::caller_is_an_argument),
    ("routes_and_operations_match", routes::known),
    ("rules_are_pure", kinds::rules),
    ("queries_know_no_http", kinds::queries),
    ("endpoints_know_no_sql", kinds::endpoints),
    ("events_and_jobs_know_no_http", kinds::events_and_jobs),
    ("ports_know_no_rules", kinds::ports),
    ("resources_do_not_reach_into_each_other", kinds::resources),
    ("transactions_wait_for_no_network", kinds::transactions),
    ("sql_has_no_clock", clocks::sql),
    ("only_the_clock_reads_the_time", clocks::rust),
    ("only_settings_reads_the_environment", clocks::environment),
    ("names_say_what_a_thing_is", names::banned_words),
    ("getters_have_no_prefix", names::getters),
    ("traits_have_no_prefix", names::traits),
    ("files_are_short", sizes::files),
    ("functions_are_short", sizes::functions),
    ("handlers_are_short", sizes::handlers),
    ("parameters_are_few", sizes::parameters),
    ("migrations_go_up_and_down", sql::up_and_down),
    ("migrations_say_why", sql::say_why),
    ("constraints_are_named", sql::named_constraints),
    ("columns_have_house_types", sql::types),
    ("tables_of_crates_are_copied_whole", sql::tables_of_crates),
    ("no_test_is_skipped", testing::skipped),
    ("no_test_sleeps", testing::sleeps),
    ("tests_are_named_by_sentences", testing::named),
    ("unit_tests_sit_in_tests_rs", testing::in_their_files),
    ("no_work_is_left_over", writing::left_over),
    ("modules_say_what_they_are", writing::modules),
    ("exceptions_say_why", writing::exceptions),
    ("events_have_emitters_and_readers", events::orphans),
    ("the_event_page_is_current", events::page_is_current),
    ("the_makefile_has_the_targets", make::targets),
    ("recipes_are_short", make::recipes),
];
