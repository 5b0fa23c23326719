//! Whether two samples of durations come from the same distribution: medians, and the rank test of Mann and Whitney.
//!
//! The test is two-sided, by the normal approximation with the correction for ties and for continuity: with hundreds of
//! samples it is as good as the exact one, and it asks nothing of how durations are distributed.

use std::f64::consts::SQRT_2;

/// The middle of a sample.
pub fn median(sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// How likely two samples of one distribution lie as far apart as these.
pub fn rank_test(one: &[f64], other: &[f64]) -> f64 {
    let marked = one.iter().map(|value| (*value, true)).chain(other.iter().map(|value| (*value, false)));
    let mut all: Vec<(f64, bool)> = marked.collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let size = tied.len() as f64;
        ranks += (before + (size + 1.0) / 2.0) * tied.iter().filter(|(_, of_one)| *of_one).count() as f64;
        ties += size.powi(3) - size;
        before += size;
    }
    let (n, m, total) = (one.len() as f64, other.len() as f64, before);
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let apart = (ranks - n * (n + 1.0) / 2.0 - n * m / 2.0).abs() - 0.5;
    complementary_error(apart.max(0.0) / variance.sqrt() / SQRT_2)
}

/// erfc of what is not negative, to seven digits behind the point (Abramowitz and Stegun, 7.1.26).
fn complementary_error(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    series.iter().fold(0.0, |sum, factor| sum * t + factor) * t * (-x * x).exp()
}
