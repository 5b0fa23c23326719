//! Clocks, SQL, tests, events.

use super::{Case, breaks, keeps};

const UP: &str = "services/posts/migrations/2026-01-01-000000_posts/up.sql";
const DOWN: &str = "services/posts/migrations/2026-01-01-000000_posts/down.sql";
const CONTRACTS: &str = "crates/contracts/src/posts.rs";
const DECLARED: &str = "event! {\n    /// A post was written.\n    \"posts.post.created.v1\", Journaled, PostCreated { post_id } {\n\
    pub post_id: PostId,\n} = { post_id: post() }\n}\n";
const EMITS: &str = "async fn create() { outbox::emit(tx, &PostCreated::from(&post)).await?; }";
const CREATE: &str = "services/posts/src/posts/create.rs";
const PAGE: &str = "# Events\n\nWritten by `make events` from the sources; checked by `tests/house`. Payloads: `schemas/`. Exchanges: \
    journaled ones go by\n`fleet.in` to whoever binds them and are kept 30 days in the journal, private ones by `fleet.private` to the \
    readers\nnamed here alone, revocations to every process that verifies tokens.\n\n| type | exchange | emitted by | read by |\n\
    |---|---|---|---|\n| posts.post.created.v1 | journaled | posts | notifications |\n";

pub fn cases() -> Vec<Case> {
    let mut all = clocks();
    all.extend(migrations());
    all.extend(constraints());
    all.extend(testing());
    all.extend(events());
    all
}

fn clocks() -> Vec<Case> {
    let sql = "sql_has_no_clock";
    let rust = "only_the_clock_reads_the_time";
    let env = "only_settings_reads_the_environment";
    let queries = "services/posts/src/posts/queries.rs";
    vec![
        breaks(sql, [(UP, "-- why\nCREATE TABLE a (created_at timestamptz DEFAULT now());")], "up.sql:2: now"),
        breaks(sql, [(UP, "ALTER TABLE a ALTER b SET DEFAULT CURRENT_TIMESTAMP;")], "current_timestamp"),
        breaks(sql, [(queries, "sql_query(\"DELETE FROM a WHERE b < clock_timestamp()\")")], "clock_timestamp"),
        breaks(sql, [(queries, "a.filter(at.lt(diesel::dsl::now))")], "the database's clock"),
        breaks(sql, [(queries, "sql(\"SELECT age(created_at)\")")], "age"),
        keeps(sql, [(UP, "-- now() is not read\nSELECT known();"), (queries, "let a = clock.now(); info!(\"now\");")]),
        breaks(rust, [("crates/db/src/a.rs", "let a = Timestamp::now();")], "Timestamp::now"),
        breaks(rust, [("crates/db/src/a.rs", "let a = std::time::SystemTime::now();")], "SystemTime::now"),
        breaks(rust, [("crates/db/src/a.rs", "let a = Uuid::now_v7();")], "Uuid::now_v7"),
        keeps(
            rust,
            [("crates/clock/src/lib.rs", "Timestamp::now()"), ("crates/db/src/a.rs", "clock.now(); Instant::now()")],
        ),
        breaks(env, [("services/posts/src/config.rs", "std::env::var(\"PORT\")")], "env::var"),
        keeps(env, [("crates/settings/src/reader.rs", "std::env::vars_os()"), ("crates/db/src/a.rs", "env!(\"A\")")]),
    ]
}

fn migrations() -> Vec<Case> {
    let outbox = "-- the outbox of this service\nCREATE TABLE outbox (id uuid);";
    let types = "columns_have_house_types";
    vec![
        breaks("migrations_go_up_and_down", [(UP, "SELECT 1;")], "down.sql: is missing"),
        breaks("migrations_go_up_and_down", [(UP, "SELECT 1;"), (DOWN, "-- nothing")], "down.sql: is missing or empty"),
        keeps("migrations_go_up_and_down", [(UP, "SELECT 1;"), (DOWN, "SELECT 1;")]),
        breaks("migrations_say_why", [(UP, "CREATE TABLE a ();")], "up.sql:1: say in the first line why"),
        breaks("migrations_say_why", [(UP, "-- posts\nCREATE TABLE a ();")], "say in the first line why"),
        keeps(
            "migrations_say_why",
            [(UP, "-- Posts, read newest first.\nCREATE TABLE a ();"), (DOWN, "DROP TABLE a;")],
        ),
        breaks(types, [(UP, "CREATE TABLE a (b timestamp NOT NULL);")], "timestamptz here"),
        breaks(types, [(UP, "CREATE TABLE a (b varchar(20));")], "text here"),
        keeps(types, [(UP, "CREATE TABLE a (b timestamptz, c text, d uuid, e jsonb); -- json")]),
        breaks(
            "tables_of_crates_are_copied_whole",
            [(UP, outbox), ("crates/outbox/migrations/up.sql", "CREATE TABLE outbox ();")],
            "differs",
        ),
        keeps("tables_of_crates_are_copied_whole", [(UP, outbox), ("crates/outbox/migrations/up.sql", outbox)]),
    ]
}

fn constraints() -> Vec<Case> {
    let rule = "constraints_are_named";
    let unnamed = [
        ("CREATE TABLE a (id uuid PRIMARY KEY);", "PRIMARY KEY has no name"),
        ("CREATE TABLE a (b text UNIQUE);", "UNIQUE has no name"),
        ("CREATE TABLE a (b text CHECK (b <> ''));", "CHECK has no name"),
        ("CREATE TABLE a (b uuid REFERENCES c);", "REFERENCES has no name"),
        ("CREATE TABLE a (b uuid, FOREIGN KEY (b) REFERENCES c (id));", "FOREIGN KEY has no name"),
        ("CREATE UNIQUE INDEX ON a (b);", "INDEX has no name"),
    ];
    let mut all: Vec<Case> = unnamed.map(|(sql, says)| breaks(rule, [(UP, sql)], says)).into();
    let named = "CREATE TABLE a (\n  id uuid CONSTRAINT a_pkey PRIMARY KEY,\n  b uuid CONSTRAINT a_b_fkey REFERENCES c (id),\n\
        c text CONSTRAINT a_c_key UNIQUE,\n  CONSTRAINT a_d_fkey FOREIGN KEY (b, c) REFERENCES d (b, c),\n\
        CONSTRAINT a_check CHECK (c <> 'a unique, primary key check (') -- check (this)\n);\n\
        CREATE UNIQUE INDEX a_b_key ON a (b);\nCREATE INDEX IF NOT EXISTS a_c_idx ON a (c);";
    all.push(keeps(rule, [(UP, named)]));
    all
}

fn testing() -> Vec<Case> {
    let test = |name: &str, body: &str| format!("#[tokio::test]\nasync fn {name}() {{ {body} }}");
    let tests = "crates/db/src/tests.rs";
    let waits = "pub async fn eventually() {\n    sleep(Duration::from_millis(20)).await;\n}\n";
    vec![
        breaks("no_test_is_skipped", [(tests, "#[test]\n#[ignore]\nfn it_is_so_here() {}")], "#[ignore"),
        breaks("no_test_is_skipped", [(tests, "#[ignore = \"later\"]")], "#[ignore"),
        breaks("no_test_is_skipped", [(tests, &test("it_is_so_here", "unimplemented!()"))], "unimplemented!("),
        keeps("no_test_is_skipped", [(tests, &test("it_does_not_ignore_this", "// #[ignore]\n"))]),
        breaks("no_test_sleeps", [(tests, &test("it_waits_a_while", "tokio::time::sleep(a).await"))], "a sleep"),
        keeps("no_test_sleeps", [("crates/testkit/src/wait.rs", waits), ("crates/db/src/a.rs", "sleep(a).await")]),
        breaks("tests_are_named_by_sentences", [(tests, &test("test_that_it_works", ""))], "test_that_it_works"),
        breaks("tests_are_named_by_sentences", [(tests, &test("create_post", ""))], "create_post"),
        keeps("tests_are_named_by_sentences", [(tests, &test("stranger_cannot_edit_a_post", ""))]),
        breaks(
            "unit_tests_sit_in_tests_rs",
            [("crates/db/src/a.rs", &test("it_is_so_here", ""))],
            "a test beside code",
        ),
        keeps(
            "unit_tests_sit_in_tests_rs",
            [(tests, &test("it_is_so_here", "")), ("crates/db/tests/it.rs", &test("it_is_so_here", ""))],
        ),
    ]
}

fn events() -> Vec<Case> {
    let rule = "events_have_emitters_and_readers";
    let page = "the_event_page_is_current";
    let private = DECLARED.replace("Journaled", "Private");
    let reads = (
        "services/notifications/src/events/mod.rs",
        "Subscriptions::new(\"notifications\").on::<PostCreated>(post_created)",
    );
    let handler =
        ("services/notifications/src/events/post_created.rs", "pub async fn a(event: &Received<PostCreated>) {}");
    let tells = ("services/posts/src/posts/mod.rs", "fn told() -> PostCreated { PostCreated { post_id } }");
    let typo = ("services/notifications/src/events/mod.rs", "subscriptions.on::<PostMade>(post_made)");
    let receives =
        ("services/users/src/events/a.rs", "async fn a(event: &Received<PostCreated>) { outbox::emit(tx, &b) }");
    vec![
        breaks(rule, [(CONTRACTS, DECLARED), reads], "nobody emits posts.post.created.v1"),
        breaks(rule, [(CONTRACTS, DECLARED), receives], "nobody emits posts.post.created.v1"),
        breaks(rule, [(CONTRACTS, &private), (CREATE, EMITS)], "nobody reads posts.post.created.v1"),
        breaks(rule, [(CONTRACTS, DECLARED), (CREATE, EMITS), typo], "reads PostMade"),
        keeps(rule, [(CONTRACTS, DECLARED), (CREATE, EMITS)]),
        keeps(rule, [(CONTRACTS, DECLARED), (CREATE, "outbox::emit(tx, &told(&post))"), tells]),
        breaks(rule, [(CONTRACTS, DECLARED), tells], "nobody emits"),
        keeps(rule, [(CONTRACTS, &private), (CREATE, EMITS), reads]),
        keeps(rule, [(CONTRACTS, &private), (CREATE, EMITS), handler]),
        breaks(page, [(CONTRACTS, DECLARED), (CREATE, EMITS), ("crates/contracts/EVENTS.md", PAGE)], "make events"),
        keeps(page, [(CONTRACTS, DECLARED), (CREATE, EMITS), reads, ("crates/contracts/EVENTS.md", PAGE)]),
    ]
}
