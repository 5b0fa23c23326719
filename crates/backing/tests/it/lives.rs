use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use backing::{DatabaseSpec, Mongo, Plan, Ports, Postgres, RabbitMq, Redis};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User, chown, getpgid};

use crate::support::{BIN, Yard, built, told, until};

const ROLE: &str = "BACKING_TEST_SUPERVISES";

struct All {
    postgres: Postgres,
    rabbitmq: RabbitMq,
    redis: Redis,
    mongo: Mongo,
}

impl All {
    async fn start(plan: &Plan) -> Self {
        let (postgres, rabbitmq, redis, mongo) = tokio::try_join!(
            Postgres::start(plan, &told),
            RabbitMq::start(plan, &told),
            Redis::start(plan, &told),
            Mongo::start(plan, &told)
        )
        .unwrap();
        Self { postgres, rabbitmq, redis, mongo }
    }

    fn pids(&self) -> [u32; 4] {
        [self.postgres.pid(), self.rabbitmq.pid(), self.redis.pid(), self.mongo.pid()].map(Option::unwrap)
    }

    async fn stop(self) {
        let (mongo, rabbitmq, redis) = tokio::join!(self.mongo.stop(), self.rabbitmq.stop(), self.redis.stop());
        for stopped in [mongo, rabbitmq, redis, self.postgres.stop().await] {
            stopped.unwrap();
        }
    }
}

fn plan_in(dir: &Path) -> Plan {
    let mut plan = Plan::new(dir, Ports::kept(dir).unwrap());
    plan.bin = built();
    plan.databases = vec![DatabaseSpec::new("users", "user_db"), DatabaseSpec::new("posts", "post_db")];
    plan
}

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// This test again, in a process of its own.
fn again(program: &Path, test: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture"]).stdin(Stdio::null());
    command
}

#[tokio::test]
async fn servers_outlive_a_killed_supervisor_and_are_adopted_by_the_next() {
    if let Some(dir) = std::env::var_os(ROLE) {
        // Here is the supervisor: it starts, says so and waits for its death.
        let all = All::start(&plan_in(Path::new(&dir))).await;
        std::fs::write(Path::new(&dir).join("pids"), format!("{:?}", all.pids())).unwrap();
        return std::future::pending().await;
    }
    let yard = Yard::new("adopted");
    let name = "lives::servers_outlive_a_killed_supervisor_and_are_adopted_by_the_next";
    let program = std::env::current_exe().unwrap();
    let mut supervisor = again(&program, name).env(ROLE, &yard.dir).env(BIN, built()).process_group(0).spawn().unwrap();
    let started =
        until("the supervisor has started all", async || std::fs::read_to_string(yard.dir.join("pids")).ok()).await;
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();

    let mut plan = plan_in(&yard.dir);
    let mut all = All::start(&plan).await;
    assert_eq!(format!("{:?}", all.pids()), started);
    let before = all.pids();
    for pid in before.map(|pid| Pid::from_raw(i32::try_from(pid).unwrap())) {
        // Ctrl-C goes to the group of whoever has the terminal.
        assert_eq!(getpgid(Some(pid)).unwrap(), pid);
    }

    // One that died meanwhile is noticed though it is nobody's child here, and comes back alone.
    kill(Pid::from_raw(i32::try_from(before[2]).unwrap()), Signal::SIGKILL).unwrap();
    all.redis.exited().await;
    all.redis = Redis::start(&plan, &told).await.unwrap();
    let after = all.pids();
    assert_ne!(after[2], before[2]);
    assert_eq!([after[0], after[1], after[3]], [before[0], before[1], before[3]]);

    // One that runs with other settings than wanted is not adopted.
    plan.ports.redis = Ports::free().unwrap().redis;
    all.redis = Redis::start(&plan, &told).await.unwrap();
    assert!(!runs(after[2]));

    let pids = all.pids();
    assert_eq!(backing::stop_all(&yard.dir).await.unwrap(), 5, "four servers and an epmd");
    assert!(!pids.into_iter().any(runs));
}

#[tokio::test]
async fn two_starts_at_once_share_one_server() {
    let yard = Yard::new("twice");
    let plan = plan_in(&yard.dir);
    let (one, two) = tokio::join!(Postgres::start(&plan, &told), Postgres::start(&plan, &told));
    assert_eq!(one.unwrap().pid(), two.unwrap().pid());
}

#[tokio::test]
async fn all_four_start_and_stop_as_whoever_runs_them() {
    let yard = Yard::new("all");
    let plan = plan_in(&yard.dir);
    assert_eq!(backing::missing(&plan), []);
    let begun = std::time::Instant::now();
    let all = All::start(&plan).await;
    told(&format!("all four started for the first time in {:?}", begun.elapsed()));
    let pids = all.pids();
    let begun = std::time::Instant::now();
    all.stop().await;
    told(&format!("all four stopped in {:?}", begun.elapsed()));
    assert!(!pids.into_iter().any(runs));
    let begun = std::time::Instant::now();
    let all = All::start(&plan).await;
    told(&format!("all four started again in {:?}", begun.elapsed()));
    assert_eq!(backing::missing(&plan), []);
    all.stop().await;
    assert_eq!(backing::stop_all(&yard.dir).await.unwrap(), 0);
}

/// The test above by a user without rights; when the tests run as such a user already, that was it.
#[test]
fn all_four_start_and_stop_as_a_plain_user() {
    let nobody = User::from_name("nobody").unwrap().unwrap();
    let dir = std::env::temp_dir().join(format!("backing-plain-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let program = dir.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(ready_made(&dir.join("bin")));
    let mut command = again(&program, "lives::all_four_start_and_stop_as_whoever_runs_them");
    command.env("TMPDIR", &dir).env("HOME", &dir).env(BIN, dir.join("bin")).current_dir(&dir);
    if Uid::effective().is_root() {
        for path in [dir.clone(), dir.join("bin")] {
            chown(&path, Some(nobody.uid), Some(nobody.gid)).unwrap();
        }
        command.uid(nobody.uid.as_raw()).gid(nobody.gid.as_raw());
    }
    let status = command.status().unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(status.success());
}

/// A copy of the built programs, for a user who can neither read this folder nor reach a module proxy.
async fn ready_made(bin: &Path) {
    let yard = Yard::new("build");
    let plan = plan_in(&yard.dir);
    tokio::try_join!(Postgres::start(&plan, &told), Mongo::start(&plan, &told)).unwrap();
    std::fs::create_dir_all(bin).unwrap();
    for entry in std::fs::read_dir(built()).into_iter().flatten().flatten().filter(|entry| entry.path().is_file()) {
        let to = bin.join(entry.file_name());
        if !entry.file_name().to_string_lossy().starts_with('.') {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// PostgreSQL does not run as root, and the account it gets there cannot enter a folder that is root's alone.
#[tokio::test]
async fn below_a_closed_folder_data_go_where_their_user_can_reach_them() {
    use std::os::unix::fs::PermissionsExt;
    let yard = Yard::new("closed");
    std::fs::set_permissions(&yard.dir, std::fs::Permissions::from_mode(0o700)).unwrap();
    let dir = yard.dir.join("fleet");
    let said = std::sync::Mutex::new(Vec::new());
    let listen = |text: &str| said.lock().unwrap().push(text.to_owned());
    let plan = plan_in(&dir);
    let postgres = Postgres::start(&plan, &listen).await.unwrap();
    let elsewhere = !dir.join("postgres/data").exists();
    assert_eq!(elsewhere, Uid::effective().is_root());
    assert_eq!(said.lock().unwrap().iter().any(|line| line.contains("/var/lib/jolmood/")), elsewhere);
    let first = postgres.pid();
    drop(postgres);
    assert_eq!(Postgres::start(&plan, &told).await.unwrap().pid(), first);
    assert_eq!(backing::stop_all(&dir).await.unwrap(), 1);

    // Without its credentials a folder's old data are nobody's: a new start makes new ones.
    std::fs::remove_dir_all(&dir).unwrap();
    let postgres = Postgres::start(&plan, &told).await.unwrap();
    postgres.stop().await.unwrap();
}
