//! Why a command could not be done, in words for whoever typed it.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// In words.
    #[error("{0}")]
    Said(String),
    /// With a file, a socket or a process.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// With a server behind the services.
    #[error(transparent)]
    Server(#[from] backing::Error),
    /// With a service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// With what the environment says.
    #[error(transparent)]
    Settings(#[from] settings::Report),
    /// With the file of the clock.
    #[error(transparent)]
    Clock(#[from] clock::UnreadableShift),
}

/// A service's error, which does not say its type.
#[derive(Debug)]
pub struct ServiceError(pub server::Error);

impl std::fmt::Display for ServiceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for ServiceError {}

impl From<server::Error> for Failure {
    fn from(error: server::Error) -> Self {
        Self::Service(ServiceError(error))
    }
}

impl Failure {
    /// A failure in words.
    pub fn say<T>(words: impl Into<String>) -> Result<T, Self> {
        Err(Self::Said(words.into()))
    }

    /// What to make of an error while `doing` something.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        move |error| Self::Io(doing, error)
    }
}
