//! Telling auth that this service has to be asked.

use std::time::Duration;

use authn::ServiceKey;
use contracts::gdpr::ParticipantAnnounced;
use db::{Db, Tx};
use tokio::sync::watch;

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Announces the service whose key this is, once, and again until the database takes it. Announced twice is once.
pub fn announce(db: Db, key: ServiceKey, mut stop: watch::Receiver<bool>) -> outbox::Background {
    Box::pin(async move {
        let announced = ParticipantAnnounced { service: key.service().to_owned() };
        while let Err(error) = db.tx(async |tx: &mut Tx| outbox::emit(tx, &announced).await).await {
            tracing::warn!(%error, "this service is not announced yet");
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    })
}
