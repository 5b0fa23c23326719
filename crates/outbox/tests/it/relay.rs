use std::time::{Duration, Instant};

use bus::Binding;
use clock::Clock;
use contracts::auth::{ContactChanged, UserRegistered};
use contracts::{Event, Exchange};
use jiff::SignedDuration;
use tokio::sync::watch;

use crate::support::{
    SOON, Seen, Service, client, contact, effect, eventually, registered, subscriptions, user, wiretap,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_event_holds_its_aggregate_and_no_other() {
    let service = Service::new("outbox-refused").await;
    // Registrations are bound, contacts are not yet: the broker refuses those.
    service.bus.declare(&[Binding::new(Exchange::Journaled, UserRegistered::TYPE).unwrap()]).await.unwrap();
    let seen = Seen::default();
    let (_relay, _consumer) = (service.relay(), service.consumer(subscriptions(service.name), &seen));
    service.emit([contact(1, 1)]).await;
    service.emit([registered(1), registered(2)]).await;
    assert_eq!(service.has_effects(1).await, [(user(2).to_string(), "registered 1".to_owned())]);
    let refused = "SELECT count(*) FROM outbox WHERE attempts > 0 AND next_at IS NOT NULL
        AND last_error = 'no queue is bound to it' AND published_at IS NULL";
    eventually(SOON, async || service.count(refused).await == 1).await;
    assert_eq!(service.waiting().await, 2);

    service.declare(&subscriptions(service.name)).await;
    let own: Vec<_> = service.has_effects(3).await.into_iter().filter(|(of, _)| *of == user(1).to_string()).collect();
    let what: Vec<_> = own.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(what, ["contact 1", "registered 2"], "in the order in which they happened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_set_by_a_clock_that_went_back_holds_nobody() {
    let mut service = Service::new("outbox-travel").await;
    service.clock = Clock::fixed("2026-03-29T00:30:00Z".parse().unwrap());
    service.bus.declare(&[]).await.unwrap();
    service.emit([contact(1, 1)]).await;
    let _relay = service.relay();
    let attempts = async || service.count("SELECT max(attempts)::bigint FROM outbox").await;
    eventually(SOON, async || attempts().await == 1).await;
    // The clock stands still: it is not due again, until a clock that went back cannot have set that date.
    service.clock.advance(SignedDuration::from_hours(-24));
    eventually(SOON, async || attempts().await == 2).await;
    service.clock.advance(SignedDuration::from_secs(1));
    let other = service.db.tx(async |tx| outbox::emit(tx, &contact(2, 1)).await);
    other.await.unwrap();
    let tried = "SELECT count(*) FROM outbox WHERE attempts > 0";
    eventually(SOON, async || service.count(tried).await == 2).await;
    assert_eq!(attempts().await, 2, "two seconds after the second refusal, not one");
    service.clock.advance(SignedDuration::from_secs(1));
    eventually(SOON, async || attempts().await == 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_killed_between_confirmation_and_mark_repeats_itself_on_the_wire_only() {
    let service = Service::new("outbox-repeats").await;
    service.declare(&subscriptions(service.name)).await;
    let tap = wiretap(&service, "outbox-repeats-tap", &[UserRegistered::TYPE]).await;
    let on_the_wire = async || {
        let channel = service.broker.channel().await;
        let passive = lapin::options::QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = channel.queue_declare("q.outbox-repeats-tap".into(), passive, Default::default()).await.unwrap();
        i64::from(queue.message_count())
    };
    const TIMES: i64 = 20;
    service.emit((0..5).map(registered)).await;
    let blocker = client(&service.owner).await;
    for times in 1..=TIMES {
        // Nothing can be marked now, but everything be read and published.
        blocker.batch_execute("BEGIN; LOCK TABLE outbox IN SHARE MODE").await.unwrap();
        let relay = service.relay();
        eventually(SOON, async || on_the_wire().await >= 5 * times).await;
        relay.kill().await;
        blocker.batch_execute("ROLLBACK").await.unwrap();
        assert_eq!(service.waiting().await, 5);
    }
    let seen = Seen::default();
    let (_relay, _consumer) = (service.relay(), service.consumer(subscriptions(service.name), &seen));
    eventually(SOON, async || service.waiting().await == 0).await;
    service.emit([registered(99)]).await;
    eventually(SOON, async || service.effects().await.iter().any(|(of, _)| *of == user(99).to_string())).await;
    assert_eq!(service.effects().await.len(), 6, "each once");
    assert!(on_the_wire().await >= 5 * (TIMES + 1), "and they were on the wire again and again");
    drop(tap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_relays_one_leads_and_the_other_takes_over() {
    const LEADERS: &str = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND classid = 1869966946 AND objid = 1 AND granted AND d.datname = current_database()";
    let service = Service::new("outbox-leaders").await;
    service.declare(&subscriptions(service.name)).await;
    let seen = Seen::default();
    let _consumer = service.consumer(subscriptions(service.name), &seen);
    let first = service.relay();
    eventually(SOON, async || service.count(LEADERS).await == 1).await;
    let _second = service.relay();
    service.emit((0..20).map(registered)).await;
    service.has_effects(20).await;
    assert_eq!(service.count(LEADERS).await, 1);
    assert_eq!(service.count("SELECT count(*) FROM outbox WHERE attempts > 0").await, 0);
    first.kill().await;
    service.emit((20..40).map(registered)).await;
    service.has_effects(40).await;
    assert_eq!(service.count(LEADERS).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_whose_connection_is_cut_leads_again() {
    let service = Service::new("outbox-cut").await;
    service.declare(&subscriptions(service.name)).await;
    let seen = Seen::default();
    let (_relay, _consumer) = (service.relay(), service.consumer(subscriptions(service.name), &seen));
    service.emit([registered(1)]).await;
    service.has_effects(1).await;
    let role = client(&service.postgres.service_url(service.name).unwrap()).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()";
    role.batch_execute(cut).await.unwrap();
    eventually(SOON, async || service.db.tx(async |tx| outbox::emit(tx, &registered(2)).await).await.is_ok()).await;
    service.has_effects(2).await;
}

/// How many entries of the index of waiting events were read so far.
const READ: &str = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'outbox_waiting_idx'";

/// Statistics say that nothing waits, as they do after every quiet hour; then the broker was away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_that_statistics_know_nothing_of_is_read_once() {
    const EVENTS: i64 = 5_000;
    const COPY: &str = "INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at, published_at)
        SELECT made.id, 'copy:' || n, 1, exchange, type, jsonb_set(envelope, '{id}', to_jsonb(made.id::text)), created_at,";
    const ONE: &str = "FROM (SELECT * FROM outbox LIMIT 1) AS one, generate_series(1, 5000) AS n,
            LATERAL (SELECT gen_random_uuid() AS id WHERE n > 0) AS made";
    const LEFT: &str = "SELECT 10001 - count(*) FROM outbox WHERE published_at > '-infinity'";
    let service = Service::new("outbox-backlog").await;
    service.declare(&subscriptions(service.name)).await;
    let relay = service.relay();
    service.emit([registered(1)]).await;
    eventually(SOON, async || service.count(LEFT).await == 2 * EVENTS).await;
    relay.kill().await;
    service.execute(&format!("{COPY} created_at {ONE}")).await;
    service.execute("VACUUM (ANALYZE) outbox").await;
    service.execute(&format!("{COPY} NULL {ONE}")).await;
    let before = service.count(READ).await;
    let _relay = service.relay();
    eventually(SOON * 2, async || service.count(LEFT).await == 0).await;
    let told = Instant::now();
    eventually(SOON, async || told.elapsed() > Duration::from_secs(2)).await;
    let read = service.count(READ).await - before;
    assert!(read < 100 * EVENTS, "{read} entries were read to publish {EVENTS} events");
}

/// An old snapshot keeps the entries of published events in the index, and a look must not walk over them all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_costs_the_same_however_much_was_published_under_an_old_snapshot() {
    // Not by that index, which would be read too.
    const PUBLISHED: &str = "SELECT count(*) FROM outbox WHERE published_at > '-infinity'";
    let service = Service::new("outbox-horizon").await;
    service.declare(&subscriptions(service.name)).await;
    let backup = client(&service.owner).await;
    backup.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM outbox").await.unwrap();
    let _relay = service.relay();
    service.emit((1..=2_000).map(registered)).await;
    eventually(SOON, async || service.count(PUBLISHED).await == 2_000).await;
    // The relay moves on, and tells the statistics of what it did, within seconds.
    let is_quiet = async || {
        let before = service.count(READ).await;
        let begun = Instant::now();
        eventually(SOON, async || begun.elapsed() > Duration::from_millis(2_500)).await;
        service.count(READ).await - before < 200
    };
    eventually(SOON, is_quiet).await;
    let before = service.count(READ).await;
    for n in 2_001..=2_010_u64 {
        service.emit([registered(n)]).await;
        eventually(SOON, async || service.count(PUBLISHED).await == i64::try_from(n).unwrap()).await;
    }
    eventually(SOON, is_quiet).await;
    let read = service.count(READ).await - before;
    assert!(read < 2_000, "{read} entries were read to publish ten events");
    backup.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flushing_publishes_what_is_left() {
    let service = Service::new("outbox-flush").await;
    service.declare(&subscriptions(service.name)).await;
    let relay = service.relay();
    service.emit([registered(1000)]).await;
    eventually(SOON, async || service.waiting().await == 0).await;
    relay.kill().await;
    service.emit((0..300).map(registered)).await;
    assert!(outbox::flush(&service.db, &service.bus, Duration::from_secs(20)).await);
    assert_eq!(service.waiting().await, 0);

    service.emit([contact(1, 1)]).await;
    let nowhere = bus::Bus::new("amqp://127.0.0.1:1/%2f".to_owned().into(), "outbox-flush");
    let begun = Instant::now();
    assert!(!outbox::flush(&service.db, &nowhere, Duration::from_millis(300)).await);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_relay_ends() {
    let service = Service::new("outbox-stops").await;
    let (sender, stop) = watch::channel(false);
    let relay = outbox::relay(service.db.clone(), service.bus.clone(), service.clock.clone(), stop);
    let relay = tokio::spawn(relay);
    sender.send_replace(true);
    tokio::time::timeout(Duration::from_secs(5), relay).await.expect("in time").unwrap();
}

/// An effect that is an event tells which event it answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_emitted_by_a_handler_names_its_cause() {
    async fn answer(
        tx: &mut db::Tx,
        _seen: &Seen,
        event: &outbox::Received<UserRegistered>,
    ) -> Result<(), outbox::Halt> {
        effect(tx, &event.id.to_string(), "cause").await?;
        outbox::emit(tx, &contact(1, 1)).await?;
        Ok(())
    }
    let service = Service::new("outbox-cause").await;
    let subscriptions = outbox::Subscriptions::new(service.name).on::<UserRegistered>(answer);
    service.declare(&subscriptions).await;
    let (_relay, _consumer) = (service.relay(), service.consumer(subscriptions, &Seen::default()));
    telemetry::Context::of_headers(Some("request-9"), None).scope(service.emit([registered(1)])).await;
    let cause = service.has_effects(1).await.remove(0).0;
    let answered = crate::support::envelopes(&service).await.pop().unwrap();
    assert_eq!(answered.event_type, ContactChanged::TYPE);
    assert_eq!(answered.causationid.map(|id| id.to_string()), Some(cause));
    assert_eq!(answered.correlationid.as_deref(), Some("request-9"));
}
