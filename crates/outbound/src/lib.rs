//! Call over HTTP: deadline, retry budget, breaker.
//!
//! A [`Peer`] is another service that configuration names, so it may be local. A call ends within its deadline, is
//! repeated only where that is safe and only while repeats are few, and is refused at once while the peer is failing.
//! A [`Site`] is run by strangers: what it names is called only where it is public. Sole owner of `reqwest`.

mod breaker;
mod budget;
mod call;
mod peer;
mod public;
mod site;

#[cfg(test)]
mod tests;

pub use call::Call;
pub use peer::Peer;
pub use site::{Question, Reply, Site};

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The peer answered with another status than 2xx; the body is its explanation.
    #[error("answered {0}")]
    Status(u16, String),
    /// No whole answer before the deadline.
    #[error("no answer in time")]
    Timeout,
    /// The peer could not be reached, or the connection broke.
    #[error("not reached: {0}")]
    Unreachable(String),
    /// The breaker is open: the peer failed often just now and is left alone.
    #[error("left alone after failures")]
    Open,
    /// An answer that cannot be understood or is too large.
    #[error("answered nonsense: {0}")]
    Malformed(String),
}

impl Error {
    /// The `code` of the problem document that the peer answered, if it answered one.
    pub fn code(&self) -> Option<String> {
        let Self::Status(_, body) = self else { return None };
        let problem: serde_json::Value = serde_json::from_str(body).ok()?;
        problem.get("code")?.as_str().map(str::to_owned)
    }
}
