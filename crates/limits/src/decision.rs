//! The answer, and how a caller reads it.

use problem::{Problem, codes};

use crate::Policy;

/// Whether a call may pass, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may.
    pub allowed: bool,
    /// How many more may pass at once.
    pub remaining: u32,
    /// In how many seconds the quota is whole again.
    pub reset_secs: u64,
    /// In how many seconds to try again; zero where the call may pass.
    pub retry_after_secs: u64,
}

impl Decision {
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers of 2025-09-23).
    pub fn rate_limit_headers(&self, policy: &Policy) -> [(&'static str, String); 2] {
        [("ratelimit-policy", policy.header()), ("ratelimit", self.header(policy))]
    }

    /// The value of `RateLimit`.
    pub fn header(&self, policy: &Policy) -> String {
        format!("\"{}\";r={};t={}", policy.name, self.remaining, self.reset_secs)
    }

    /// The refusal of a call that may not pass.
    pub fn problem(&self, policy: &Policy) -> Problem {
        let refused = Problem::new(&codes::QUOTA_EXCEEDED)
            .with("retry_after", self.retry_after_secs)
            .header("retry-after", self.retry_after_secs)
            .member("violated-policies", vec![policy.name]);
        self.rate_limit_headers(policy).into_iter().fold(refused, |refused, (name, value)| refused.header(name, value))
    }
}

impl Policy {
    /// The value of `RateLimit-Policy`.
    pub fn header(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota, self.window.as_secs())
    }
}
