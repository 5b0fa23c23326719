//! Inside a service: layout and kinds of files.

use super::{Case, breaks, keeps};

const CREATE: &str = "services/posts/src/posts/create.rs";
const RULES: &str = "services/posts/src/posts/rules.rs";
const QUERIES: &str = "services/posts/src/posts/queries.rs";
const HANDLER: &str =
    "#[utoipa::path(tag = \"posts\")]\n#[post(\"/posts\")]\npub async fn create(who: Caller) -> Created<View> {}";

pub fn cases() -> Vec<Case> {
    let mut all = golden();
    all.extend(endpoints());
    all.extend(kinds());
    all.extend(borders());
    all
}

fn golden() -> Vec<Case> {
    let rule = "services_have_the_golden_layout";
    let mut fine = keeps(rule, [("services/README.md", "")]);
    let files = [
        "services/posts/README.md",
        "services/posts/openapi.json",
        "services/posts/src/main.rs",
        "services/posts/src/lib.rs",
        "services/posts/src/config.rs",
        "services/posts/src/state.rs",
        "services/posts/src/codes.rs",
        "services/posts/tests/it/main.rs",
        "services/posts/tests/it/access.rs",
        "services/posts/src/schema.rs",
        "services/posts/migrations/1_a/up.sql",
    ];
    fine.tree.extend(files.map(|path| (path, String::new())));
    vec![
        fine,
        breaks(rule, [("services/posts/src/lib.rs", "")], "services/posts/tests/it/access.rs: is missing"),
        breaks(rule, [("services/posts/migrations/1_a/up.sql", "")], "services/posts/src/schema.rs: is missing"),
        breaks(
            "main_is_one_line",
            [("services/posts/src/main.rs", "fn main() { let a = 1; run(a) }")],
            "main is one line",
        ),
        keeps(
            "main_is_one_line",
            [("services/posts/src/main.rs", "fn main() -> ExitCode {\n    server::main(posts::service)\n}")],
        ),
        breaks(
            "services_have_no_statics",
            [("services/posts/src/state.rs", "static A: OnceLock<u8> = OnceLock::new();")],
            "OnceLock",
        ),
        keeps(
            "services_have_no_statics",
            [
                ("services/posts/src/state.rs", "const A: &'static str = \"a\";"),
                ("crates/db/src/a.rs", "static A: OnceLock<u8>;"),
            ],
        ),
    ]
}

fn endpoints() -> Vec<Case> {
    let named = "endpoints_are_named_after_their_file";
    let tested = "endpoints_have_their_test_file";
    let consumed = "services/users/src/events/user_registered.rs";
    vec![
        breaks(named, [(CREATE, &HANDLER.replace("fn create", "fn make"))], "make is not named after its file"),
        breaks(named, [(CREATE, &HANDLER.repeat(2))], "create is a second endpoint"),
        keeps(named, [(CREATE, &format!("{HANDLER}{}", HANDLER.replace("fn create", "fn create_by_put")))]),
        breaks(named, [("services/posts/src/routes.rs", HANDLER)], "outside a resource's folder"),
        keeps(named, [(CREATE, HANDLER), ("services/posts/src/posts/view.rs", "pub fn view() {}")]),
        keeps(named, [(CREATE, &HANDLER.replace("fn create", "fn create_post"))]),
        breaks(tested, [(CREATE, HANDLER)], "has no test in services/posts/tests/it/posts/create.rs"),
        breaks(tested, [(consumed, "")], "has no test in services/users/tests/it/events/user_registered.rs"),
        keeps(tested, [(CREATE, HANDLER), ("services/posts/tests/it/posts/create.rs", ""), (RULES, "")]),
        breaks(
            "who_is_calling_is_an_argument",
            [(CREATE, "fn a() { if who.is_admin() {} }")],
            ".is_admin in an endpoint",
        ),
        keeps("who_is_calling_is_an_argument", [(CREATE, HANDLER), ("crates/server/src/a.rs", "who.is_admin()")]),
    ]
}

fn kinds() -> Vec<Case> {
    let rules = [
        ("use diesel::prelude::*;", "uses diesel"),
        ("use actix_web::web;", "uses actix_web"),
        ("async fn a() {}", "uses async"),
        ("use clock::Clock;", "uses clock"),
    ];
    let endpoints = [
        ("use diesel::prelude::*;", "uses diesel"),
        ("use crate::schema::posts;", "uses crate::schema"),
        ("fn a() { std::env::var(\"A\") }", "uses std::env"),
        ("fn a() { Timestamp::now() }", "uses Timestamp::now"),
        ("use lapin::Channel;", "uses lapin"),
    ];
    let mut all: Vec<Case> = rules.map(|(text, says)| breaks("rules_are_pure", [(RULES, text)], says)).into();
    all.extend(endpoints.map(|(text, says)| breaks("endpoints_know_no_sql", [(CREATE, text)], says)));
    let row = "services/posts/src/posts/row.rs";
    let (event, job) = ("services/posts/src/events/mod.rs", "services/posts/src/jobs/prune.rs");
    all.extend([
        keeps(
            "rules_are_pure",
            [(RULES, "use contracts::UserId;\nuse jiff::Timestamp;\n// async diesel"), (QUERIES, "use diesel;")],
        ),
        keeps("endpoints_know_no_sql", [(CREATE, HANDLER), (QUERIES, "use diesel::prelude::*;")]),
        breaks("queries_know_no_http", [(QUERIES, "use actix_web::web;")], "uses actix_web"),
        breaks("queries_know_no_http", [(row, "use crate::codes;")], "uses crate::codes"),
        breaks("queries_know_no_http", [(row, "impl From<Row> for Problem {}")], "uses Problem"),
        keeps("queries_know_no_http", [(QUERIES, "use diesel::prelude::*;"), (CREATE, "use crate::codes;")]),
        breaks("events_and_jobs_know_no_http", [(event, "use server::Answer;")], "uses server"),
        breaks("events_and_jobs_know_no_http", [(job, "use outbound::Peer;")], "uses outbound"),
        keeps("events_and_jobs_know_no_http", [(event, "use outbox::Subscriptions;"), (CREATE, "use server::Answer;")]),
        breaks(
            "ports_know_no_rules",
            [("services/posts/src/ports/model.rs", "use crate::posts::rules;")],
            "uses rules",
        ),
        keeps("ports_know_no_rules", [("services/posts/src/ports/model.rs", "use outbound::Peer;")]),
    ]);
    all
}

fn borders() -> Vec<Case> {
    let reach = "resources_do_not_reach_into_each_other";
    let wait = "transactions_wait_for_no_network";
    let like = "services/posts/src/likes/put.rs";
    let waits = "let a = state.db.tx(async |tx| { state.users.peer.get(\"/a\").send_json().await }).await?;";
    let leaves = "let a = peer.get(\"/a\").await?; state.db.tx(async |tx| queries::insert(tx, a).await).await?; outbound::call();";
    vec![
        breaks(
            reach,
            [(like, "let post = crate::posts::queries::by_id(conn, id).await?;")],
            "reaches into posts::queries",
        ),
        breaks(reach, [(like, "use super::super::posts::queries;")], "reaches into posts::queries"),
        keeps(
            reach,
            [(like, "use super::queries; use crate::likes::queries as own; crate::posts::exists(conn).await?;")],
        ),
        keeps(reach, [("services/posts/src/jobs/prune.rs", "use crate::posts::queries;")]),
        breaks(wait, [(CREATE, waits)], "peer inside a transaction"),
        keeps(wait, [(CREATE, leaves)]),
    ]
}
