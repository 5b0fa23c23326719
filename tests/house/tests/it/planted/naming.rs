//! Names, sizes, what files say about themselves.

use super::{Case, breaks, keeps};

pub fn cases() -> Vec<Case> {
    let mut all = names();
    all.extend(sizes());
    all.extend(writing());
    all
}

fn names() -> Vec<Case> {
    let rule = "names_say_what_a_thing_is";
    let fine = "struct Database; fn rebase() {} struct Metadata; const DATA: u8 = 1; fn a(data: Data<State>) {}";
    vec![
        breaks(rule, [("crates/db/src/utils.rs", "")], "`utils` in its path"),
        breaks(rule, [("crates/db/src/common/mod.rs", "")], "`common` in its path"),
        breaks(rule, [("crates/db/src/a.rs", "struct PoolManager;")], "`manager` in PoolManager"),
        breaks(rule, [("crates/db/src/a.rs", "enum UserDto {}")], "`dto` in UserDto"),
        breaks(rule, [("crates/db/src/a.rs", "async fn process_row() {}")], "`process` in process_row"),
        breaks(rule, [("crates/db/src/a.rs", "fn handle() {}")], "`handle` in handle"),
        keeps(rule, [("crates/db/src/a.rs", fine)]),
        keeps(
            rule,
            [
                ("services/posts/src/events/mod.rs", "fn handle() {}"),
                ("crates/db/src/tests.rs", "fn a_process_ends() {}"),
            ],
        ),
        breaks("getters_have_no_prefix", [("crates/db/src/a.rs", "fn get_name() {}")], "get_name"),
        keeps("getters_have_no_prefix", [("crates/db/src/a.rs", "fn name() {} fn get() {} fn target() {}")]),
        breaks("traits_have_no_prefix", [("crates/db/src/a.rs", "trait IStore {}")], "IStore"),
        keeps("traits_have_no_prefix", [("crates/db/src/a.rs", "trait Identify {} trait Io {} struct ID;")]),
    ]
}

fn sizes() -> Vec<Case> {
    let lines = |count: usize| "//\n".repeat(count);
    let function = |head: &str, count: usize| format!("{head} {{\n{}}}\n", "    a();\n".repeat(count - 2));
    let handler =
        |count: usize| function("#[post(\"/posts\")]\n#[utoipa::path(a = \"b\")]\npub async fn create()", count);
    let create = "services/posts/src/posts/create.rs";
    vec![
        breaks("files_are_short", [("crates/db/src/a.rs", &lines(401))], "401 lines"),
        keeps("files_are_short", [("crates/db/src/a.rs", &lines(400)), ("services/posts/src/schema.rs", &lines(500))]),
        breaks("functions_are_short", [("crates/db/src/a.rs", &function("fn a()", 51))], "a has 51 lines"),
        keeps("functions_are_short", [("crates/db/src/a.rs", &function("fn a()", 50))]),
        breaks("handlers_are_short", [(create, &handler(26))], "create has 26 lines"),
        keeps("handlers_are_short", [(create, &handler(25)), ("crates/db/src/a.rs", &function("fn a()", 26))]),
        breaks(
            "parameters_are_few",
            [("crates/db/src/a.rs", "fn a(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) {}")],
            "6 parameters",
        ),
        keeps("parameters_are_few", [("crates/db/src/a.rs", "fn a(&self, a: u8, b: u8, c: u8, d: u8, e: u8) {}")]),
    ]
}

fn writing() -> Vec<Case> {
    let six = "//! a\n//!\n".repeat(6);
    let seven = "//! a\n".repeat(7);
    let reason = "#[expect(clippy::x, reason = \"why\")]\nfn a() {}";
    vec![
        breaks("no_work_is_left_over", [("crates/db/src/a.rs", "// TODO later")], "TODO"),
        breaks("no_work_is_left_over", [("crates/db/src/a.rs", "fn a() { todo!() }")], "todo!"),
        keeps("no_work_is_left_over", [("crates/db/src/a.rs", "// METODOS, todo\nfn todo() {}")]),
        breaks("modules_say_what_they_are", [("crates/db/src/lib.rs", "//! db\nmod a;")], "opens with 1 lines"),
        breaks("modules_say_what_they_are", [("crates/db/src/a/mod.rs", &seven)], "opens with 7 lines"),
        keeps("modules_say_what_they_are", [("crates/db/src/lib.rs", &six), ("crates/db/src/a.rs", "")]),
        breaks("exceptions_say_why", [("crates/db/src/a.rs", "#[allow(clippy::x)]\nfn a() {}")], "an `allow`"),
        breaks(
            "exceptions_say_why",
            [("crates/db/src/a.rs", "#[expect(\n    clippy::x,\n)]\nfn a() {}")],
            "without its reason",
        ),
        keeps(
            "exceptions_say_why",
            [("crates/db/src/a.rs", reason), ("crates/db/src/tests.rs", "#![allow(clippy::x)]")],
        ),
    ]
}
