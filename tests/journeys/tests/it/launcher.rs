//! What the launcher promises.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::person::{PASSWORD, Person, fresh};

pub async fn the_state_file_tells_the_truth(fleet: Arc<Fleet>) {
    let state = fleet.state();
    let names: Vec<_> = state.servers.keys().map(String::as_str).collect();
    assert_eq!(names, ["mongodb", "postgres", "rabbitmq", "redis"]);
    let programs = [
        ("postgres", "postgres"),
        ("rabbitmq", "beam.smp"),
        ("redis", "redis-server"),
        ("gateway", "fleet"),
        ("posts", "fleet"),
    ];
    for (name, program) in programs {
        let part = fleet.part(name);
        let run = std::fs::read_to_string(format!("/proc/{}/comm", part.pid.expect("a pid"))).expect("a live process");
        assert_eq!(run.trim(), program, "{name}");
        assert!(part.log.exists(), "{name} has no log");
    }
    assert_eq!(
        fleet.sql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper").await,
        [1]
    );
    fleet
        .channel()
        .await
        .queue_declare(
            "q.posts".into(),
            lapin::options::QueueDeclareOptions { passive: true, ..Default::default() },
            Default::default(),
        )
        .await
        .unwrap();
}

pub async fn the_gateway_calls_services_by_their_sockets(fleet: Arc<Fleet>) {
    let dir = fleet::folder().join("sockets");
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700, "nobody else may");
    let person = Person::new(&fleet).await;
    for (service, path) in [("users", "/users/me"), ("posts", "/posts"), ("auth", "/auth/me")] {
        person.get(path).await.is(200);
        let port = fleet.part(service).url.rsplit(':').next().unwrap().to_owned();
        let socket = dir.join(format!("{port}.sock")).display().to_string();
        let known = std::fs::read_to_string("/proc/net/unix").unwrap();
        // State 03 of proc(5) is connected; the one that listens is 01.
        let connected = |line: &&str| line.ends_with(&socket) && line.split_whitespace().nth(5) == Some("03");
        assert!(known.lines().any(|line| connected(&line)), "nobody calls {service} by {socket}\n{known}");
    }
}

/// All share the cores of this machine, so none takes them all.
pub async fn no_process_serves_on_every_core(fleet: Arc<Fleet>) {
    let cores = std::thread::available_parallelism().unwrap().get();
    let serving = |name: &str, thread: &str| {
        let threads = std::fs::read_dir(format!("/proc/{}/task", fleet.part(name).pid.unwrap())).unwrap();
        let names = threads.filter_map(|one| std::fs::read_to_string(one.unwrap().path().join("comm")).ok());
        names.filter(|name| name.starts_with(thread)).count()
    };
    assert_eq!(serving("gateway", "core-"), cores.div_ceil(2));
    for service in fleet.state().services.keys() {
        // One for its public port and one for the internal one.
        assert_eq!(serving(service, "actix-server wo"), 2, "{service}");
    }
}

pub async fn up_again_changes_nothing(fleet: Arc<Fleet>) {
    let before = fleet.part("posts").pid;
    assert!(fleet::run(&["up"]).status.success());
    assert_eq!(fleet.part("posts").pid, before);
    let status = fleet::run(&["status"]);
    let text = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(
        status.status.success()
            && ["gateway", "auth", "users", "posts", "notifications"].iter().all(|name| text.contains(name)),
        "{text}"
    );
}

pub async fn a_service_names_everything_that_is_missing(fleet: Arc<Fleet>) {
    for service in fleet.state().services.keys() {
        let bare = fleet::command(&["serve", service])
            .env_clear()
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&bare.stderr), String::from_utf8_lossy(&bare.stdout));
        assert!(!bare.status.success());
        for name in ["DATABASE_URL", "AMQP_URL", "AUTH_INTERNAL_URL"]
            .iter()
            .filter(|name| service != "auth" || **name != "AUTH_INTERNAL_URL")
        {
            assert!(said.contains(name), "{service} does not say that {name} is missing: {said}");
        }
        let production = fleet::command(&["serve", service])
            .env("CLOCK_FILE", "/tmp/clock")
            .env("ENVIRONMENT", "production")
            .output()
            .unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&production.stderr), String::from_utf8_lossy(&production.stdout));
        assert!(!production.status.success() && said.contains("CLOCK_FILE"), "{service} travels in production: {said}");
    }
}

pub async fn an_administrator_is_made_and_made_again(fleet: Arc<Fleet>) {
    let email = format!("{}@example.org", fresh("root"));
    for _ in 0..2 {
        let made = fleet::command(&["admin", &email]).env("AUTH_ADMIN_PASSWORD", PASSWORD).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let mut root = Person::without_account(&fleet, email);
    let session = root.sign_in().await;
    assert_eq!(session["user"]["roles"], json!(["user", "admin"]));
    let me = root.get("/auth/me").await.is(200).json();
    assert_eq!((&me["is_admin"], &me["is_superuser"], &me["is_verified"]), (&json!(true), &json!(true), &json!(true)));
    let author = Person::new(&fleet).await;
    let path = author.has_post("À modérer").await;
    assert_eq!(root.delete(&path).await.status, 204, "an administrator may delete");
    let promoted = fleet::command(&["admin", &author.email]).env("AUTH_ADMIN_PASSWORD", PASSWORD).output().unwrap();
    assert!(promoted.status.success());
    crate::revocation::refused_everywhere(&author).await;
    assert_eq!(author.elsewhere().await.get("/auth/me").await.json()["is_admin"], true);
}

/// After `down` nothing of the fleet is left, each process ended well, and nothing else was touched.
pub fn everything_stops() -> bool {
    let bystander = Command::new("sleep").arg("600").spawn();
    let text = std::fs::read_to_string(fleet::folder().join("fleet.json")).unwrap();
    let state: fleet::State = serde_json::from_str(&text).unwrap();
    let parts: Vec<_> =
        state.services.into_iter().chain(state.servers).chain([("gateway".to_owned(), state.gateway)]).collect();
    let down = fleet::run(&["down"]);
    let mut clean = down.status.success();
    for (name, part) in parts {
        let left = part.pid.is_some_and(|pid| {
            std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| {
                ["fleet", "postgres", "beam.smp", "redis-server", "ferretdb", "mongod"].contains(&comm.trim())
            })
        });
        if left {
            println!("after `down`, {name} still runs");
            clean = false;
        }
    }
    if let Ok(mut bystander) = bystander {
        clean &= matches!(bystander.try_wait(), Ok(None));
        let _ = bystander.kill();
        let _ = bystander.wait();
    }
    clean
}
