use std::time::Duration;

use contracts::{Event, EventId, auth::UserRegistered};
use futures_util::future::join_all;
use telemetry::Context;

use crate::support::{Service, client, contact, envelopes, registered, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_there_exactly_if_its_transaction_is() {
    let service = Service::new("outbox-atomic").await;
    let rolled_back: db::Result<()> = service
        .db
        .tx(async |tx| {
            outbox::emit(tx, &registered(1)).await?;
            Err(db::Error::Missing)
        })
        .await;
    assert!(rolled_back.is_err());
    assert_eq!(envelopes(&service).await, []);

    let id = service.db.tx(async |tx| outbox::emit(tx, &registered(1)).await).await.unwrap();
    let written = envelopes(&service).await.remove(0);
    assert_eq!((written.id, written.sequence), (id, 1), "what was rolled back took no place");
    assert_eq!(written.event_type, UserRegistered::TYPE);
    assert_eq!(written.subject, user(1).to_string());
    assert_eq!(written.open::<UserRegistered>().unwrap(), registered(1));
    assert_eq!((written.correlationid, written.actorid, written.causationid), (None, None, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_carries_the_request_that_caused_it() {
    let service = Service::new("outbox-context").await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let mut context = Context::of_headers(Some("request-7"), Some(trace));
    context.actor = Some(user(9).to_string());
    context.scope(service.emit([registered(1)])).await;
    let written = envelopes(&service).await.remove(0);
    assert_eq!(written.correlationid.as_deref(), Some("request-7"));
    assert_eq!(written.actorid, Some(user(9).to_string()));
    assert!(written.traceparent.unwrap().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
}

/// As many writers as there are connections, each of which commits when it pleases.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_are_given_without_gaps_in_the_order_of_commits() {
    let service = Service::new("outbox-places").await;
    let writers = (0..8).map(|writer| {
        let service = &service;
        async move {
            for n in 0..25 {
                let written: db::Result<EventId> = service
                    .db
                    .tx(async |tx| {
                        let id = outbox::emit(tx, &contact(1, writer * 25 + n)).await?;
                        if n == 3 { Err(db::Error::Missing) } else { Ok(id) }
                    })
                    .await;
                assert_eq!(written.is_err(), n == 3, "{written:?}");
            }
        }
    });
    join_all(writers).await;
    let places: Vec<i64> = envelopes(&service).await.iter().map(|event| event.sequence).collect();
    assert_eq!(places, (1..=192).collect::<Vec<_>>());
    service.emit([registered(2)]).await;
    assert_eq!(envelopes(&service).await.last().unwrap().sequence, 1, "each aggregate has its own");
}

/// While a writer that did not notify is under way, the relay cannot lie down: so it looks once more afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_wakes_the_relay_or_keeps_it_awake() {
    const LIE_DOWN: &str = "SELECT pg_try_advisory_lock(1869966946, 2)";
    let service = Service::new("outbox-awake").await;
    let relay = client(&service.owner).await;
    let try_to_lie_down = async || relay.query_one(LIE_DOWN, &[]).await.unwrap().get::<_, bool>(0);
    let wrote: db::Result<()> = service
        .db
        .tx(async |tx| {
            outbox::emit(tx, &registered(1)).await?;
            assert!(!try_to_lie_down().await);
            Ok(())
        })
        .await;
    wrote.unwrap();
    assert!(try_to_lie_down().await);

    let mut listener = service.db.listener().await.unwrap();
    diesel_async::SimpleAsyncConnection::batch_execute(&mut listener, "LISTEN outbox").await.unwrap();
    service.emit([registered(2)]).await;
    let mut notifications = std::pin::pin!(listener.notifications_stream());
    let notified =
        tokio::time::timeout(Duration::from_secs(5), futures_util::StreamExt::next(&mut notifications)).await;
    assert_eq!(notified.expect("a notification").unwrap().unwrap().channel, "outbox");
}
