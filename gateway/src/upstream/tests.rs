use std::rc::Rc;

use url::Url;

use super::breaker::{Admitted, Breaker, Outcome};
use super::*;
use crate::wire::Ticks;

fn fail(breaker: &mut Breaker, now: u32, calls: u32, failures: u32) -> bool {
    (0..calls).any(|call| {
        let outcome = if call < calls - failures { Outcome::Well } else { Outcome::Badly };
        breaker.admit(now).and_then(|admitted| breaker.record(now, admitted, outcome)) == Some(true)
    })
}

#[test]
fn a_breaker_opens_when_half_of_twenty_calls_fail() {
    for (calls, failures, opens) in [(19, 19, false), (20, 9, false), (20, 10, true), (100, 49, false), (100, 50, true)]
    {
        assert_eq!(fail(&mut Breaker::new(), 1_000, calls, failures), opens, "{failures} of {calls}");
    }
}

#[test]
fn what_failed_ten_seconds_ago_is_forgotten() {
    let mut breaker = Breaker::new();
    fail(&mut breaker, 1_000, 19, 19);
    assert!(!fail(&mut breaker, 1_100, 1, 1), "the window moved on");
    let mut breaker = Breaker::new();
    fail(&mut breaker, 1_000, 19, 19);
    assert!(fail(&mut breaker, 1_080, 1, 1));
}

#[test]
fn an_open_breaker_rests_then_probes_three_times_then_closes() {
    let mut breaker = Breaker::new();
    assert!(fail(&mut breaker, 1_000, 20, 20));
    assert_eq!(breaker.admit(1_049), None);
    for _ in 0..3 {
        assert_eq!(breaker.admit(1_050), Some(Admitted::Probe));
    }
    assert_eq!(breaker.admit(1_050), None, "three at a time");
    assert_eq!(breaker.record(1_051, Admitted::Probe, Outcome::Unknown), None);
    assert_eq!(breaker.admit(1_051), Some(Admitted::Probe), "one that was given up is sent again");
    assert_eq!(breaker.record(1_052, Admitted::Probe, Outcome::Well), None);
    assert_eq!(breaker.record(1_052, Admitted::Probe, Outcome::Well), None);
    assert_eq!(breaker.record(1_052, Admitted::Probe, Outcome::Well), Some(false));
    assert_eq!(breaker.admit(1_052), Some(Admitted::Usual));
}

#[test]
fn a_probe_that_fails_opens_it_again() {
    let mut breaker = Breaker::new();
    fail(&mut breaker, 1_000, 20, 20);
    assert_eq!(breaker.admit(1_050), Some(Admitted::Probe));
    assert_eq!(breaker.record(1_060, Admitted::Probe, Outcome::Badly), None);
    assert_eq!(breaker.admit(1_109), None);
    assert_eq!(breaker.admit(1_110), Some(Admitted::Probe));
}

#[test]
fn only_who_is_on_this_machine_has_a_socket() {
    let address = |url, sockets| Address::new(Url::parse(url).unwrap(), sockets);
    let dir = std::path::Path::new("/run/fleet");
    for url in ["http://127.0.0.1:5003", "http://localhost:5003"] {
        assert_eq!(address(url, Some(dir)).socket, Some("/run/fleet/5003.sock".into()));
        assert_eq!(address(url, None).socket, None);
    }
    for url in ["http://10.0.0.7:5003", "http://posts:5003", "http://127.0.0.1.example:5003"] {
        assert_eq!(address(url, Some(dir)).socket, None, "{url}");
    }
}

fn services(instances: usize, cap: usize) -> (Rc<Ticks>, Services, Vec<Condition>) {
    let ticks = Ticks::new();
    let at = |port| Url::parse(&format!("http://127.0.0.1:{}", 6_000 + port)).unwrap();
    let all: Vec<(Address, Condition)> =
        (0..instances).map(|port| (Address::new(at(port), None), Condition::new())).collect();
    let conditions = all.iter().map(|(_, condition)| condition.clone()).collect();
    let services = Services::new(std::iter::once(("posts", all.as_slice())), cap, &ticks);
    (ticks, services, conditions)
}

fn port(lease: &Lease) -> String {
    lease.instance().address.authority.rsplit(':').next().unwrap().to_owned()
}

#[test]
fn the_instance_with_the_least_to_do_is_called_and_one_that_is_not_ready_is_not() {
    let (_, services, conditions) = services(3, 100);
    conditions[1].set(false);
    let leases: Vec<Lease> = (0..4).map(|_| services.admit(0, false).unwrap()).collect();
    let called = |wanted: &str| leases.iter().filter(|lease| port(lease) == wanted).count();
    assert_eq!((called("6000"), called("6001"), called("6002")), (2, 0, 2));
    conditions.iter().for_each(|condition| condition.set(false));
    assert!(services.admit(0, false).is_ok(), "where none is ready, one of them is tried");
}

#[test]
fn a_service_is_not_given_more_than_its_cap_but_for_the_reserved_lane() {
    let (_, services, _) = services(1, 2);
    let held = (services.admit(0, false).unwrap(), services.admit(0, false).unwrap());
    assert_eq!(services.admit(0, false).err(), Some(Refused::Full));
    assert!(services.admit(0, true).is_ok());
    drop(held);
    assert!(services.admit(0, false).is_ok());
}

#[test]
fn an_instance_that_keeps_failing_is_left_out_for_half_a_minute() {
    let (ticks, services, _) = services(2, 100);
    let mut failed = 0;
    while failed < 5 {
        let mut lease = services.admit(0, false).unwrap();
        let bad = port(&lease) == "6000";
        failed += usize::from(bad);
        lease.record(if bad { Outcome::Badly } else { Outcome::Well });
    }
    let calls = |count: usize| {
        let leases: Vec<Lease> = (0..count).map(|_| services.admit(0, false).unwrap()).collect();
        leases.iter().filter(|lease| port(lease) == "6000").count()
    };
    assert_eq!(calls(10), 0);
    (0..300).for_each(|_| ticks.advance());
    assert!(calls(10) > 0);
}

#[test]
fn second_tries_are_a_tenth_of_the_calls_at_most() {
    let (_, services, _) = services(1, 1_000);
    let tries = |calls: usize| (0..calls).filter(|_| services.admit(0, false).unwrap().may_retry()).count();
    assert!(tries(50) <= 15);
    let later = tries(100);
    assert!((9..=11).contains(&later), "{later}");
}
