//! Manifests and who depends on whom.

use super::{Case, breaks, keeps};

const INHERITS: &str = "[package]\nname = \"db\"\nversion.workspace = true\nedition.workspace = true\n\
    rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n";
const ROOT: &str = "[workspace.lints.rust]\nunsafe_code = \"deny\"\n[workspace.lints.clippy]\nunwrap_used = \"deny\"\n\
    expect_used = \"deny\"\nindexing_slicing = \"deny\"\ndbg_macro = \"deny\"\ntodo = \"deny\"\nprint_stdout = \"deny\"\n";
const CLIPPY: &str = "{ path = \"jiff::Timestamp::now\" }, { path = \"std::time::SystemTime::now\" },\n\
    { path = \"std::env::var\" }, { path = \"reqwest::Client::new\" }, { path = \"tokio::spawn\" }";

/// A dependency that the workspace versions.
fn on(name: &str) -> String {
    format!("[dependencies]\n{name}.workspace = true\n")
}

fn dev(name: &str) -> String {
    format!("[dev-dependencies]\n{name}.workspace = true\n")
}

pub fn cases() -> Vec<Case> {
    let mut all = inheritance();
    all.extend(shapes());
    all.extend(direction());
    all.extend(owners());
    all
}

fn inheritance() -> Vec<Case> {
    let no_lints = INHERITS.replace("[lints]\nworkspace = true\n", "");
    let own_edition = INHERITS.replace("edition.workspace = true", "edition = \"2021\"");
    let rule = "manifests_inherit_from_the_workspace";
    vec![
        breaks(rule, [("crates/db/Cargo.toml", &no_lints)], "[lints] workspace = true"),
        breaks(rule, [("crates/db/Cargo.toml", &own_edition)], "edition.workspace = true"),
        keeps(rule, [("crates/db/Cargo.toml", INHERITS)]),
        breaks("packages_are_named_after_their_folder", [("crates/outbox/Cargo.toml", INHERITS)], "\"db\""),
        breaks(
            "packages_are_named_after_their_folder",
            [("services/posts/Cargo.toml", "[package]\nname = \"posts\"\n[[bin]]\nname = \"posts-server\"")],
            "\"posts-server\"",
        ),
        keeps("packages_are_named_after_their_folder", [("crates/db/Cargo.toml", INHERITS)]),
        breaks("versions_live_at_the_root", [("crates/db/Cargo.toml", "[dependencies]\nuuid = \"1\"")], "uuid"),
        breaks(
            "versions_live_at_the_root",
            [("crates/db/Cargo.toml", "[target.'cfg(unix)'.dev-dependencies]\nnix = { version = \"1\" }")],
            "nix",
        ),
        keeps(
            "versions_live_at_the_root",
            [("crates/db/Cargo.toml", &on("uuid")), ("Cargo.toml", "[dependencies]\na = \"1\"")],
        ),
    ]
}

fn shapes() -> Vec<Case> {
    let once = "[lib]\ntest = false\ndoctest = false\n[[bin]]\nname = \"posts\"\ntest = false\n";
    let features = "nothing_has_features_but_contracts";
    let lints = "the_root_denies_what_the_house_denies";
    vec![
        breaks(
            "services_compile_their_lib_once",
            [("services/posts/Cargo.toml", "[lib]\ntest = false")],
            "doctest = false",
        ),
        keeps("services_compile_their_lib_once", [("services/posts/Cargo.toml", once), ("crates/db/Cargo.toml", "")]),
        breaks(features, [("services/posts/Cargo.toml", "[features]\nfast = []")], "features of its own"),
        breaks(features, [("services/posts/src/lib.rs", "#[cfg(feature = \"fast\")]\nfn a() {}")], "src/lib.rs:1"),
        keeps(
            features,
            [("crates/contracts/Cargo.toml", "[features]\ndiesel = []"), ("services/posts/src/lib.rs", "#[cfg(test)]")],
        ),
        breaks("there_is_no_macro_crate", [("crates/db/Cargo.toml", "[lib]\nproc-macro = true")], "procedural macro"),
        keeps("there_is_no_macro_crate", [("crates/db/Cargo.toml", "[lib]\ntest = false")]),
        breaks(
            lints,
            [("Cargo.toml", &ROOT.replace("todo = \"deny\"", "todo = \"warn\"")), ("clippy.toml", CLIPPY)],
            "clippy's todo",
        ),
        breaks(lints, [("Cargo.toml", ROOT), ("clippy.toml", "")], "disallow tokio::spawn"),
        keeps(lints, [("Cargo.toml", ROOT), ("clippy.toml", CLIPPY)]),
    ]
}

fn direction() -> Vec<Case> {
    let rule = "dependencies_point_down";
    let posts = ("services/posts/Cargo.toml", "");
    let pairs = [
        ("crates/db/Cargo.toml", on("posts"), "a crate never knows a service"),
        ("services/users/Cargo.toml", on("posts"), "a service never knows another"),
        ("services/users/Cargo.toml", dev("posts"), "a service never knows another"),
        ("gateway/Cargo.toml", on("posts"), "by their address"),
        ("services/users/Cargo.toml", on("gateway"), "nobody but fleet knows the gateway"),
        ("services/users/Cargo.toml", on("fleet"), "it stands above everything"),
        ("gateway/Cargo.toml", on("db"), "the map says never"),
        ("crates/server/Cargo.toml", on("bus"), "the map says never"),
        ("crates/settings/Cargo.toml", on("clock"), "it does not stand below"),
        ("crates/db/Cargo.toml", on("outbox"), "it does not stand below"),
        ("crates/db/Cargo.toml", dev("outbox"), "even in tests, it stands above"),
        ("crates/db/Cargo.toml", dev("testkit"), "below server, tests use backing"),
        ("services/users/Cargo.toml", on("testkit"), "below server, tests use backing"),
        ("crates/db/Cargo.toml", on("backing"), "only the launcher and tests start servers"),
    ];
    let world = [
        "crates/clock/Cargo.toml",
        "crates/outbox/Cargo.toml",
        "crates/testkit/Cargo.toml",
        "crates/backing/Cargo.toml",
        "crates/bus/Cargo.toml",
        "deploy/fleet/Cargo.toml",
    ];
    let mut all = Vec::new();
    for (path, text, says) in pairs {
        let mut case = breaks(rule, [(path, &text), posts], says);
        let others =
            world.into_iter().chain(["gateway/Cargo.toml", "crates/db/Cargo.toml"]).filter(|other| *other != path);
        case.tree.splice(0..0, others.map(|other| (other, String::new())));
        all.push(case);
    }
    let fleet = "[dependencies]\nposts.workspace = true\ngateway.workspace = true\nbacking.workspace = true";
    let users =
        "[dependencies]\ndb.workspace = true\nserver.workspace = true\n[dev-dependencies]\ntestkit.workspace = true";
    let mut fine = keeps(rule, [("deploy/fleet/Cargo.toml", fleet), ("services/users/Cargo.toml", users), posts]);
    let kit = ("crates/testkit/Cargo.toml", on("backing"));
    fine.tree.extend([("crates/db/Cargo.toml", dev("backing")), ("gateway/Cargo.toml", on("bus")), kit]);
    fine.tree.extend(["bus", "backing", "server"].map(|name| (path_of(name), String::new())));
    all.push(fine);
    all
}

fn path_of(name: &str) -> &'static str {
    match name {
        "bus" => "crates/bus/Cargo.toml",
        "backing" => "crates/backing/Cargo.toml",
        _ => "crates/server/Cargo.toml",
    }
}

fn owners() -> Vec<Case> {
    let rule = "libraries_have_an_owner";
    let foreign = [
        ("crates/db/Cargo.toml", on("actix-web"), "depends on actix-web: it belongs to server"),
        ("services/posts/Cargo.toml", on("hyper"), "depends on hyper: it belongs to gateway"),
        ("services/posts/Cargo.toml", on("lapin"), "depends on lapin: it belongs to bus"),
        ("gateway/Cargo.toml", on("diesel"), "depends on diesel"),
        ("crates/contracts/Cargo.toml", on("diesel"), "depends on diesel"),
        ("gateway/Cargo.toml", on("jsonwebtoken"), "depends on jsonwebtoken"),
        ("services/posts/Cargo.toml", dev("jsonwebtoken"), "depends on jsonwebtoken"),
        ("crates/limits/Cargo.toml", on("redis"), "depends on redis"),
        ("services/posts/Cargo.toml", on("reqwest"), "depends on reqwest"),
        ("services/posts/Cargo.toml", on("argon2"), "depends on argon2: it belongs to auth"),
    ];
    let mut all: Vec<Case> = foreign.map(|(path, text, says)| breaks(rule, [(path, &text)], says)).into();
    let optional = "[dependencies]\ndiesel = { workspace = true, optional = true }";
    let own = [
        ("crates/server/Cargo.toml", &*on("actix-web")),
        ("services/posts/Cargo.toml", &*on("diesel")),
        ("crates/contracts/Cargo.toml", optional),
    ];
    all.push(keeps(rule, own));
    let proofs = [
        ("crates/backing/Cargo.toml", &*dev("mongodb")),
        ("tests/journeys/Cargo.toml", &*on("lapin")),
        ("gateway/Cargo.toml", &*dev("reqwest")),
    ];
    all.push(keeps(rule, proofs));
    let users = [
        ("crates/cache/Cargo.toml", ""),
        ("gateway/Cargo.toml", &*on("cache")),
        ("services/posts/Cargo.toml", &*on("cache")),
    ];
    all.push(breaks(
        "crates_earn_their_place",
        [("crates/cache/Cargo.toml", ""), ("gateway/Cargo.toml", &on("cache"))],
        "has 1 user",
    ));
    all.push(keeps("crates_earn_their_place", users));
    let with = "[dependencies]\ncontracts = { workspace = true, features = [\"diesel\"] }";
    all.push(breaks("the_gateway_leaves_diesel_off", [("gateway/Cargo.toml", with)], "diesel feature"));
    all.push(keeps(
        "the_gateway_leaves_diesel_off",
        [("gateway/Cargo.toml", &on("contracts")), ("services/posts/Cargo.toml", with)],
    ));
    all
}
