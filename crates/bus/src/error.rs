//! What can go wrong between us and the broker, sorted by what a caller does about it.

use lapin::protocol::{AMQPErrorKind, AMQPSoftError};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The broker is not there, went away meanwhile, takes nothing at the moment or is too slow: any message would
    /// have failed, and later any may succeed.
    #[error("the broker is away: {0}")]
    Away(String),
    /// The broker is there and did not take this message, or this declaration.
    #[error("the broker refused it: {0}")]
    Refused(String),
}

impl Error {
    /// What lapin says, sorted: the broker closes a channel for something that this channel did.
    pub(crate) fn of(error: &lapin::Error) -> Self {
        match error.kind() {
            // Declared again as soon as the connection is: until then nothing can be published.
            lapin::ErrorKind::ProtocolError(e) if *e.kind() == AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => {
                Self::Away(e.to_string())
            }
            lapin::ErrorKind::ProtocolError(e) if matches!(e.kind(), AMQPErrorKind::Soft(_)) => {
                Self::Refused(e.to_string())
            }
            _ => Self::Away(error.to_string()),
        }
    }
}

impl From<lapin::Error> for Error {
    fn from(error: lapin::Error) -> Self {
        Self::of(&error)
    }
}
