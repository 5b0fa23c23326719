//! Keeps the signing keys as they should be: rotates when it is time, and takes over what another process did.

use std::time::Duration;

use authn::Verifier;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::keys::Keyring;
use crate::keys::rotate::Rotation;

const EVERY: Duration = Duration::from_secs(5);

/// Looks at the keys until `stop` says so.
pub async fn keep_keys(rotation: Rotation, keyring: Keyring, verifier: Verifier, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = tick.tick() => {}
        }
        match rotation.keep_up(&keyring).await {
            Ok(keys) => verifier.set_keys(keys),
            Err(error) => tracing::warn!(%error, "the signing keys cannot be looked at"),
        }
    }
}
