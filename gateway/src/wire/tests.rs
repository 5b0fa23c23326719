use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Pulse, Ticks, Verdict};

fn pulse() -> (Arc<AtomicU32>, Pulse) {
    let tick = Arc::new(AtomicU32::new(7));
    (Arc::clone(&tick), Pulse::new(tick))
}

fn after(tick: &AtomicU32, pulse: &Pulse, ticks: u32) -> Verdict {
    tick.fetch_add(ticks, Ordering::Relaxed);
    pulse.judge();
    pulse.verdict()
}

#[test]
fn a_head_must_be_whole_in_five_seconds_even_the_first() {
    let (tick, fresh) = pulse();
    assert_eq!(after(&tick, &fresh, 50), Verdict::Alive);
    assert_eq!(after(&tick, &fresh, 1), Verdict::Dead);
    let (tick, slow) = pulse();
    slow.heard();
    for _ in 0..5 {
        assert_eq!(after(&tick, &slow, 10), Verdict::Alive);
        slow.heard();
    }
    assert_eq!(after(&tick, &slow, 1), Verdict::Dead, "a byte now and then does not buy time");
}

#[test]
fn between_requests_a_connection_may_be_silent_for_longer() {
    let (tick, pulse) = pulse();
    pulse.heard();
    pulse.working(Duration::from_secs(10));
    pulse.answering();
    pulse.sent();
    assert!(!pulse.unasked(), "its bytes are still to be written");
    pulse.flushed();
    assert!(pulse.unasked());
    assert_eq!(after(&tick, &pulse, 750), Verdict::Alive);
    assert_eq!(after(&tick, &pulse, 1), Verdict::Dead);
}

#[test]
fn a_request_is_late_after_its_deadline_and_the_next_one_starts_anew() {
    let (tick, pulse) = pulse();
    pulse.working(Duration::from_secs(2));
    assert_eq!(after(&tick, &pulse, 20), Verdict::Alive);
    assert_eq!(after(&tick, &pulse, 1), Verdict::Late);
    pulse.working(Duration::from_secs(2));
    assert_eq!(pulse.verdict(), Verdict::Alive);
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let (tick, pulse) = pulse();
    pulse.working(Duration::from_secs(2));
    pulse.answering();
    for _ in 0..4 {
        assert_eq!(after(&tick, &pulse, 140), Verdict::Alive);
        pulse.said();
    }
    assert_eq!(after(&tick, &pulse, 151), Verdict::Dead);
}

#[test]
fn a_tunnel_has_its_own_clocks() {
    let (tick, pulse) = pulse();
    pulse.working(Duration::from_secs(2));
    pulse.tunnel();
    assert_eq!(after(&tick, &pulse, 100_000), Verdict::Alive);
}

#[test]
fn a_connection_is_watched_for_as_long_as_it_lives() {
    let ticks = Ticks::new();
    let (pulse, watch) = ticks.watch();
    let (_, other) = ticks.watch();
    assert_eq!(ticks.len(), 2);
    (0..60).for_each(|_| ticks.advance());
    assert_eq!(pulse.verdict(), Verdict::Dead);
    drop((watch, other));
    assert_eq!(ticks.len(), 0);
}
