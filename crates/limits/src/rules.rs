//! GCRA: a mark says when the quota would be whole again; a call moves it ahead by its share of the window.

use crate::{Decision, Policy};

/// A mark that holds at `now`: never in the past, never further ahead than the window.
pub(crate) fn clamped(mark: i64, now: i64, policy: &Policy) -> i64 {
    mark.clamp(now, now.saturating_add(policy.window_micros()))
}

/// Where the mark moves when `cost` is spent, if that may be.
pub(crate) fn spend(mark: i64, now: i64, policy: &Policy, cost: u32) -> Option<i64> {
    let moved = clamped(mark, now, policy).saturating_add(price(policy, cost));
    // A window is not always a whole multiple of the interval: what rounding took off must not take off a call.
    (moved <= now.saturating_add(policy.window_micros())).then_some(moved)
}

/// How far `cost` moves the mark.
pub(crate) fn price(policy: &Policy, cost: u32) -> i64 {
    policy.interval_micros().saturating_mul(i64::from(cost))
}

/// What a mark means to the caller, after `cost` was or was not `allowed`.
pub(crate) fn decision(mark: i64, now: i64, policy: &Policy, cost: u32, allowed: bool) -> Decision {
    let ahead = clamped(mark, now, policy) - now;
    let room = policy.window_micros() - ahead;
    let remaining = u32::try_from(room / policy.interval_micros()).unwrap_or(u32::MAX).min(policy.quota);
    let wait = if allowed { 0 } else { price(policy, cost).min(policy.window_micros()) - room };
    Decision {
        allowed,
        remaining,
        reset_secs: whole_seconds(ahead),
        retry_after_secs: if allowed { 0 } else { whole_seconds(wait).max(1) },
    }
}

/// Microseconds as seconds, rounded up.
fn whole_seconds(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or(0).div_ceil(1_000_000)
}
