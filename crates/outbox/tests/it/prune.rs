use bus::Binding;
use clock::Clock;
use contracts::auth::ContactChanged;
use contracts::export::ExportPartReady;
use contracts::{Event, Exchange};

use crate::support::{SOON, Service, contact, eventually};

/// Published rows go after 7 days, notes of what was taken in after 35; what waits stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_rows_are_forgotten_in_batches_and_what_waits_is_kept() {
    let mut service = Service::new("outbox-prune").await;
    service.clock = Clock::fixed("2026-03-29T00:30:00Z".parse().unwrap());
    // An id that begins like that of an event of 2026-03-21, or of 2026-03-28.
    service
        .execute(
            "INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at, published_at)
            SELECT overlay(gen_random_uuid()::text placing v.head from 1 for 13)::uuid, 'a', n, 'fleet.in', 't', '{}', v.at, v.published
            FROM generate_series(1, 2500) n, (VALUES
                ('019d0db1-0c00', timestamptz '2026-03-21 00:00Z', timestamptz '2026-03-21 00:00Z'),
                ('019d31bd-9000', timestamptz '2026-03-28 00:00Z', timestamptz '2026-03-28 00:00Z')) v(head, at, published);
            INSERT INTO inbox (consumer, event_id, received_at)
            SELECT 'a', gen_random_uuid(), at FROM generate_series(1, 2500) n,
                (VALUES (timestamptz '2026-02-20 00:00Z'), (timestamptz '2026-02-23 00:00Z')) v(at)",
        )
        .await;
    service.bus.declare(&[]).await.unwrap();
    service.emit([contact(1, 1)]).await;
    service.execute("UPDATE outbox SET created_at = '2026-01-01 00:00Z', id = '019b76da-a800-7000-8000-000000000000' WHERE published_at IS NULL").await;
    let _relay = service.relay();
    eventually(SOON, async || service.count("SELECT count(*) FROM outbox").await == 2501).await;
    eventually(SOON, async || service.count("SELECT count(*) FROM inbox").await == 2500).await;
    assert_eq!(service.count("SELECT count(*) FROM outbox WHERE published_at < '2026-03-22 00:30Z'").await, 0);
    assert_eq!(service.waiting().await, 1);
    assert_eq!(service.count("SELECT count(*) FROM inbox").await, 2500);
}

/// What is held about somebody passes through, and is not kept for a week.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_an_export_is_forgotten_once_the_broker_has_it_and_not_before() {
    let service = Service::new("outbox-fleeting").await;
    let contacts = Binding::new(Exchange::Private, ContactChanged::TYPE).unwrap();
    service.bus.declare(std::slice::from_ref(&contacts)).await.unwrap();
    let parts = (0..3).map(|number| ExportPartReady { number, ..ExportPartReady::sample() });
    service.emit(parts).await;
    service.emit([contact(1, 1)]).await;
    let _relay = service.relay();
    const REFUSED: &str = "SELECT count(*) FROM outbox WHERE next_at IS NOT NULL";
    eventually(SOON, async || service.count(REFUSED).await == 1).await;
    assert_eq!(service.count("SELECT count(*) FROM outbox").await, 4, "nobody has them yet");
    let parts = Binding::new(Exchange::Private, ExportPartReady::TYPE).unwrap();
    service.bus.declare(&[contacts, parts]).await.unwrap();
    eventually(SOON, async || service.waiting().await == 0).await;
    const KEPT: &str = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL";
    assert_eq!((service.count(KEPT).await, service.count("SELECT count(*) FROM outbox").await), (1, 1));
}
