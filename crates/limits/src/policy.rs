//! What is allowed: how much in how long.

use std::fmt;
use std::time::Duration;

use settings::{Reader, Setting};

/// How much in how long, as configuration writes it: `120/min`, `5/h`, `10/d`, `3/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How much.
    pub quota: u32,
    /// In how long.
    pub window: Duration,
}

/// A rate with the name that callers read in `RateLimit-Policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A word in lower case.
    pub name: &'static str,
    /// How much, at once as well as in a window.
    pub quota: u32,
    /// How long the whole quota takes to come back.
    pub window: Duration,
}

const UNITS: [(&str, u64); 4] = [("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400)];

impl Policy {
    /// A policy of this name and rate.
    pub const fn new(name: &'static str, rate: Rate) -> Self {
        Self { name, quota: rate.quota, window: rate.window }
    }

    /// The policy that `LIMIT_<NAME>` says, or this rate.
    pub fn read(env: &mut Reader, name: &'static str, default: Rate) -> Self {
        let variable = format!("LIMIT_{}", name.to_ascii_uppercase().replace('-', "_"));
        Self::new(name, env.or(&variable, default))
    }

    /// The window in microseconds.
    pub(crate) fn window_micros(&self) -> i64 {
        i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX)
    }

    /// How long one unit of the quota takes to come back, in microseconds.
    pub(crate) fn interval_micros(&self) -> i64 {
        (self.window_micros() / i64::from(self.quota.max(1))).max(1)
    }
}

impl Rate {
    /// So much in a second.
    pub const fn per_second(quota: u32) -> Self {
        Self { quota, window: Duration::from_secs(1) }
    }

    /// So much in a minute.
    pub const fn per_minute(quota: u32) -> Self {
        Self { quota, window: Duration::from_secs(60) }
    }

    /// So much in an hour.
    pub const fn per_hour(quota: u32) -> Self {
        Self { quota, window: Duration::from_secs(3_600) }
    }

    /// So much in a day.
    pub const fn per_day(quota: u32) -> Self {
        Self { quota, window: Duration::from_secs(86_400) }
    }
}

impl Setting for Rate {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a number of calls in a s, min, h or d, such as 120/min".to_owned();
        let (quota, unit) = text.split_once('/').ok_or_else(wrong)?;
        let quota = quota.trim().parse().ok().filter(|quota| *quota > 0).ok_or_else(wrong)?;
        let (_, secs) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(wrong)?;
        Ok(Self { quota, window: Duration::from_secs(*secs) })
    }

    fn absent() -> Self {
        Self::per_second(1)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, secs)| *secs == self.window.as_secs());
        write!(f, "{}/{}", self.quota, unit.map_or("window", |(name, _)| name))
    }
}
