//! How many calls may be sent again: a tenth of those sent, and a few at the beginning.

/// Tokens in tenths of a retry.
#[derive(Debug)]
pub(crate) struct Budget(u32);

/// A retry costs what this many calls bring in.
const CALLS_PER_RETRY: u32 = 10;
/// Savings end here, so that a long quiet time does not allow a storm.
const MOST_SAVED: u32 = 10 * CALLS_PER_RETRY;

impl Default for Budget {
    fn default() -> Self {
        Self(MOST_SAVED)
    }
}

impl Budget {
    /// A call was made.
    pub(crate) fn deposit(&mut self) {
        self.0 = (self.0 + 1).min(MOST_SAVED);
    }

    /// Whether one more retry may be made; it then counts as made.
    pub(crate) fn withdraw(&mut self) -> bool {
        let rest = self.0.checked_sub(CALLS_PER_RETRY);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}
