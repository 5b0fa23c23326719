//! Waiting for a condition, with a bound.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks again every 25 ms until there is an answer; after `bound` the journey has failed.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, bound: Duration, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < bound, "after {bound:?} still waiting for {what}");
        pause().await;
    }
}

/// As [`until`], for a condition that is only true or false.
pub async fn until_true<F: Future<Output = bool>>(what: &str, bound: Duration, mut ask: impl FnMut() -> F) {
    until(what, bound, || {
        let asked = ask();
        async { asked.await.then_some(()) }
    })
    .await;
}

/// What a patient client waits before it asks again.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(25)).await;
}
