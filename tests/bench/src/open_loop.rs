//! Load at a steady rate, whatever the answers take: who waits for an answer before he asks again asks less of whoever is
//! slow, and hides it.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

/// An answer.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its status; 0 where there was none.
    pub status: u16,
    /// From the request to the last byte.
    pub millis: f64,
}

/// Sends so many requests a second for so many seconds; answers what became of all of them.
pub async fn run(per_second: f64, seconds: u32, request: impl Fn(usize) -> RequestBuilder) -> Vec<Sample> {
    let begun = tokio::time::Instant::now();
    let mut sent = JoinSet::new();
    for n in 0..(per_second * f64::from(seconds)) as usize {
        sleep_until(begun + Duration::from_secs_f64(n as f64 / per_second)).await;
        sent.spawn(answered(request(n)));
    }
    sent.join_all().await
}

async fn answered(request: RequestBuilder) -> Sample {
    let begun = Instant::now();
    let status = match request.send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            // An answer that breaks off is none.
            if answer.bytes().await.is_ok() { status } else { 0 }
        }
        Err(_) => 0,
    };
    Sample { status, millis: begun.elapsed().as_secs_f64() * 1e3 }
}

/// What this share of the samples took at most, in ms; nothing where there are none.
pub fn percentile(samples: &[Sample], share: f64) -> f64 {
    let mut millis: Vec<f64> = samples.iter().map(|sample| sample.millis).collect();
    millis.sort_by(f64::total_cmp);
    let nth = (millis.len() as f64 * share).ceil() as usize;
    millis.get(nth.saturating_sub(1)).copied().unwrap_or(0.0)
}
