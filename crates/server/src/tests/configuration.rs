use settings::{Environment, Reader};

use super::notes::NOTES;
use crate::run::{clock, options};

#[test]
fn ports_and_bounds_come_from_the_environment() {
    let mut env =
        Reader::from_pairs([("PORT", "7001"), ("BIND", "127.0.0.1"), ("DATABASE_POOL", "3"), ("DRAIN_WAIT_SECS", "0")]);
    let options = options(&NOTES, &mut env);
    assert_eq!(options.public.to_string(), "127.0.0.1:7001");
    assert_eq!(options.internal.to_string(), "127.0.0.1:17001");
    assert_eq!((options.in_flight, options.drain_wait.as_secs()), (12, 0));
    env.load(|_| ()).unwrap();
}

#[test]
fn a_definition_has_a_port_of_its_own() {
    let options = options(&NOTES, &mut Reader::from_pairs::<&str, &str>([]));
    assert_eq!((options.public.port(), options.internal.port()), (5999, 15_999));
    assert_eq!(options.drain_wait.as_secs(), 5);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut env =
        Reader::from_pairs([("PORT", "x"), ("BIND", "here"), ("WORKERS", "-1"), ("CLOCK_FILE", "/nowhere/clock")]);
    options(&NOTES, &mut env);
    assert!(clock(Environment::Production, &mut env).is_none());
    let report = env.load(|env| env.required::<String>("AMQP_URL")).unwrap_err().to_string();
    for name in ["PORT", "BIND", "WORKERS", "CLOCK_FILE", "AMQP_URL"] {
        assert!(report.contains(name), "{name} is not in:\n{report}");
    }
}

#[test]
fn time_travels_in_the_local_launcher_alone() {
    let file = std::env::temp_dir().join("server-configuration-no-such-clock");
    let pairs = || [("CLOCK_FILE", file.to_str().unwrap())];
    assert!(clock(Environment::Local, &mut Reader::from_pairs(pairs())).is_some());
    let mut env = Reader::from_pairs(pairs());
    assert!(clock(Environment::Production, &mut env).is_none());
    assert!(env.load(|_| ()).unwrap_err().to_string().contains("CLOCK_FILE"));
    assert!(clock(Environment::Local, &mut Reader::from_pairs::<&str, &str>([])).is_none());
}
