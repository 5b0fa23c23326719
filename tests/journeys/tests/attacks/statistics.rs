//! Whether two samples of durations come from the same distribution: medians, the rank test of Mann and Whitney, and the
//! sign test for samples that were taken in pairs.
//!
//! Each test is two-sided, by the normal approximation with the correction for ties and for continuity: with hundreds of
//! samples it is as good as the exact one, and it asks nothing of how durations are distributed.

use std::f64::consts::SQRT_2;
use std::sync::Arc;

use crate::fleet::Fleet;

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

/// How likely of so many pairs at least so few, or so many, are the one way around, where both are as likely.
pub fn sign_test(one_way: usize, pairs: usize) -> f64 {
    let (one_way, pairs) = (one_way as f64, pairs as f64);
    let apart = (one_way - pairs / 2.0).abs() - 0.5;
    complementary_error(apart.max(0.0) / (pairs / 4.0).sqrt() / SQRT_2)
}

/// erfc of what is not negative, to seven digits behind the point (Abramowitz and Stegun, 7.1.26).
fn complementary_error(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    series.iter().fold(0.0, |sum, factor| sum * t + factor) * t * (-x * x).exp()
}

/// What SciPy's `mannwhitneyu(method="asymptotic")` gives.
pub async fn the_tests_say_what_others_say(_: Arc<Fleet>) {
    let numbers = |from: i32, to: i32, step: usize| (from..to).step_by(step).map(f64::from).collect::<Vec<_>>();
    let depths = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    let cases: [(&[f64], &[f64], f64); 6] = [
        (&depths, &[1.15, 0.88, 0.90, 0.74, 1.21], 0.244_623_605),
        (&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0], 0.012_185_780),
        (&[1.0, 1.0, 2.0, 2.0, 3.0], &[2.0, 3.0, 3.0, 4.0, 4.0], 0.052_411_629),
        (&[5.0; 4], &[5.0; 6], 1.0),
        (&numbers(0, 400, 2), &numbers(1, 401, 2), 0.931_417_117),
        (&numbers(0, 200, 1), &numbers(40, 240, 1), 0.0),
    ];
    for (one, other, expected) in cases {
        for p in [rank_test(one, other), rank_test(other, one)] {
            assert!((p - expected).abs() < 1e-6, "{p} for {expected}");
        }
    }
    // And its `binomtest`, which is exact.
    for (one_way, exact) in [(50, 1.0), (43, 0.193_347_9), (60, 0.056_887_9), (36, 0.006_637_1)] {
        let p = sign_test(one_way, 100);
        assert!((p - exact).abs() < 1e-3, "{p} for {exact}");
    }
    assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 3.0, 2.0])), (2.0, 2.5));
}
