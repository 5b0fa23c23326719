//! End to end through the gateway, on a fleet of its own with real PostgreSQL, RabbitMQ, Redis and a document store.
//!
//! The fleet lives in `target/journeys` beside whatever else runs on this machine. First the journeys that only use it,
//! several at once; then, one by one, those that break it. Each journey is a plain async function that panics when the
//! fleet does not keep its word. Start with [`fleet::Fleet`], then [`person::Person`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, reason = "a client of the fleet, not a part of it")]

mod administration;
mod bad_input;
mod browser;
mod clock_travel;
mod documents;
mod erasure;
mod exports;
mod faults;
mod fleet;
mod foreign_verifiers;
mod launcher;
mod ledger;
mod mail;
mod operating;
mod passkeys;
mod person;
mod provider;
mod providers;
mod recovery;
mod revocation;
mod safety;
mod second_factor;
mod service_tokens;
mod sessions;
mod sign_up;
mod signing_keys;
mod social;
mod subscriptions;
mod traveller;
mod variables;
mod wait;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::fleet::Fleet;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if arguments.list {
        libtest_mimic::run(&arguments, together(&None).into_iter().chain(alone(&None)).collect()).exit();
    }
    let runtime = Arc::new(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
    let _provider = provider::Provider::start();
    let fleet = Some(Stage { fleet: Arc::new(Fleet::up()), runtime });
    let first = libtest_mimic::run(&Arguments { test_threads: Some(4), ..arguments.clone() }, together(&fleet));
    let second = libtest_mimic::run(&Arguments { test_threads: Some(1), ..arguments }, alone(&fleet));
    let stopped = launcher::everything_stops();
    if first.has_failed() || second.has_failed() || !stopped { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What a journey is given.
#[derive(Clone)]
struct Stage {
    fleet: Arc<Fleet>,
    runtime: Arc<tokio::runtime::Runtime>,
}

/// A journey as a test. Without a stage it is only listed.
fn journey<F: Future<Output = ()> + Send + 'static>(
    name: &str,
    stage: &Option<Stage>,
    walk: impl FnOnce(Arc<Fleet>) -> F + Send + 'static,
) -> Trial {
    let stage = stage.clone();
    Trial::test(name, move || {
        let stage = stage.ok_or("no fleet")?;
        stage.runtime.block_on(walk(stage.fleet));
        Ok(())
    })
}

macro_rules! journeys {
    ($($(#[$doc:meta])* fn $list:ident: $($room:ident::$name:ident),* $(,)?;)*) => {$(
        $(#[$doc])*
        fn $list(stage: &Option<Stage>) -> Vec<Trial> {
            vec![$(journey(concat!(stringify!($room), "::", stringify!($name)), stage, $room::$name)),*]
        }
    )*};
}

journeys! {
    /// Those that only use the fleet.
    fn together:
        sign_up::in_every_dialect_with_equal_answers,
        sign_up::a_taken_address_is_told_to_its_owner_alone,
        sign_up::opening_the_link_consumes_nothing,
        sign_up::a_resent_link_works_and_tells_nothing,
        sessions::a_form_signs_in_as_json_does,
        sessions::a_refresh_token_raced_by_twenty_clients_yields_one_child,
        sessions::reuse_of_a_refresh_token_ends_the_family,
        sessions::a_session_can_be_listed_and_ended_from_another,
        sessions::sign_out_everywhere_ends_every_session,
        revocation::an_ended_session_is_refused_everywhere_within_a_second,
        service_tokens::a_service_is_known_by_its_token_and_asks_what_others_are,
        service_tokens::a_service_token_opens_no_door_of_an_account,
        service_tokens::who_has_a_token_ends_it,
        recovery::a_forgotten_password_is_set_anew_and_ends_every_session,
        recovery::a_changed_password_ends_the_other_sessions,
        recovery::a_changed_address_is_proven_and_told_to_both,
        erasure::a_person_is_forgotten_everywhere_and_may_come_back,
        providers::a_provider_stands_for_the_password_and_not_for_the_second_factor,
        providers::an_application_elsewhere_links_a_provider_by_a_code,
        providers::an_application_exchanges_its_code_once,
        providers::an_owner_links_a_provider_and_unlinks_it,
        providers::an_unproven_address_enters_an_account_only_by_local_proof,
        providers::nobody_comes_back_who_did_not_set_out_in_this_browser,
        providers::somebody_new_signs_in_and_comes_back,
        providers::what_a_provider_says_is_believed_only_if_it_can_be_verified,
        safety::a_new_device_is_told_to_the_owner_alone,
        safety::who_guesses_is_locked_out_and_the_owners_browser_is_not,
        second_factor::a_code_is_asked_for_until_it_is_turned_off,
        second_factor::a_recovery_code_stands_in_for_a_lost_app,
        passkeys::a_browser_makes_one_and_enters_by_it,
        passkeys::a_page_of_another_origin_gets_nobody_in,
        subscriptions::who_pays_is_premium_everywhere_within_a_second,
        administration::two_administrators_manage_accounts_and_one_is_left,
        social::a_post_is_written_read_liked_and_discussed,
        social::many_like_many_posts_at_once,
        social::a_list_is_paged_without_gaps_or_doubles,
        social::only_the_author_edits_and_deletes,
        social::a_retried_creation_makes_one_post,
        social::a_profile_reaches_the_other_services,
        social::a_username_belongs_to_one_account,
        social::two_editors_do_not_overwrite_each_other,
        bad_input::every_refusal_is_a_problem_in_french_and_english,
        bad_input::limits_are_told_and_kept,
        bad_input::identity_headers_of_a_client_mean_nothing,
        documents::the_merged_document_has_every_operation,
        documents::every_example_works,
        documents::the_pages_are_served,
        operating::health_has_the_required_form,
        operating::figures_are_on_the_internal_port_alone,
        operating::a_request_can_be_followed_through_the_logs,
        operating::no_secret_is_in_any_log,
        launcher::the_state_file_tells_the_truth,
        launcher::the_gateway_calls_services_by_their_sockets,
        launcher::no_process_serves_on_every_core,
        launcher::up_again_changes_nothing,
        launcher::a_service_names_everything_that_is_missing,
        launcher::an_administrator_is_made_and_made_again;

    /// Those that break it.
    fn alone:
        social::two_hundred_racing_likes_count_each_person_once,
        clock_travel::a_link_expires_and_nobody_stays_blocked_on_the_way_back,
        clock_travel::a_service_that_starts_later_has_the_time,
        exports::all_that_is_held_about_a_person_can_be_downloaded_for_a_day,
        faults::users_killed_under_traffic_loses_nothing,
        faults::posts_killed_under_traffic_loses_nothing,
        faults::postgresql_killed_under_traffic_loses_nothing,
        faults::redis_killed_under_traffic_loses_nothing,
        faults::the_broker_away_for_twenty_seconds_loses_nothing,
        faults::notifications_away_sends_each_mail_once,
        faults::a_poison_message_is_set_aside_and_the_good_ones_are_done,
        faults::auth_away_is_unnoticed_by_the_others,
        faults::a_service_killed_comes_back_as_another_process,
        revocation::what_was_ended_is_refused_after_a_restart_of_anything,
        signing_keys::a_key_is_changed_under_traffic_and_a_stolen_one_disowned,
        signing_keys::auth_away_for_ten_minutes_is_unnoticed_by_the_others,
        foreign_verifiers::other_makes_accept_our_tokens_and_nothing_made_of_them,
        erasure::a_service_killed_before_it_is_asked_erases_when_it_is_back,
        erasure::a_service_killed_while_it_is_asked_is_named_and_then_erases,
        erasure::a_service_killed_with_its_receipt_untold_tells_it_when_it_is_back,
        erasure::auth_killed_while_receipts_are_missing_goes_on;
}
