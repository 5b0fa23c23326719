//! What can go wrong with a query, sorted by what a caller does about it.

use std::fmt;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use problem::{Code, Problem, codes};

/// The constraint by which a database refuses rows about somebody who was erased: see the migration of `gdpr`.
pub const ERASED: &str = "erased_subjects";

/// The answer of a query.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row is not there.
    #[error("no such row")]
    Missing,
    /// The database refused the change: `name` is the constraint's.
    #[error("the constraint {name} refused it")]
    Constraint {
        /// The constraint.
        name: String,
        /// What kind of constraint it is.
        kind: Violation,
    },
    /// Not now: no connection free in time, the server is away, or somebody else was in the way for too long.
    #[error("the database is busy or away: {0}")]
    Busy(String),
    /// Anything else, which is a fault of ours.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// Kinds of constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A unique key or index.
    Unique,
    /// A reference to another row.
    Reference,
    /// A check.
    Check,
    /// A column that must not be null; its name stands for the constraint's.
    NotNull,
    /// An exclusion constraint.
    Exclusion,
}

/// How the messages begin that mean "not now". diesel does not show the SQLSTATE behind them; the servers speak
/// English (`lc_messages = C`).
const BUSY_MESSAGES: &[&str] = &[
    "canceling statement due to", // 57014: statement or lock timeout; 55P03
    "could not obtain lock",      // 55P03
    "deadlock detected",          // 40P01
    "terminating connection",     // 57P01, 57P02, 25P03
    "the database system is",     // 57P03: starting up, shutting down, in recovery
    "sorry, too many clients",    // 53300
    "remaining connection slots", // 53300
    "too many connections for",   // 53300
    "could not resize shared",    // 53100
    "could not extend file",      // 53100
];

impl Error {
    /// A fault of ours.
    pub fn other(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(cause.into())
    }

    /// Not now, because of this.
    pub(crate) fn busy(cause: impl fmt::Display) -> Self {
        Self::Busy(cause.to_string())
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Constraint { .. } => "constraint",
            Self::Busy(_) => "busy",
            Self::Other(_) => "other",
        }
    }

    /// Counts it, and gives it back.
    pub(crate) fn counted(self) -> Self {
        metrics::counter!("db_errors_total", "kind" => self.word()).increment(1);
        self
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::Missing,
            DieselError::DatabaseError(kind, about) => of_database(kind, about).counted(),
            other => Self::Other(other.into()).counted(),
        }
    }
}

fn of_database(kind: DatabaseErrorKind, about: Box<dyn DatabaseErrorInformation + Send + Sync>) -> Error {
    let violation = match kind {
        DatabaseErrorKind::UniqueViolation => Violation::Unique,
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => Violation::Reference,
        DatabaseErrorKind::CheckViolation => Violation::Check,
        DatabaseErrorKind::NotNullViolation => Violation::NotNull,
        DatabaseErrorKind::ExclusionViolation => Violation::Exclusion,
        DatabaseErrorKind::SerializationFailure
        | DatabaseErrorKind::ReadOnlyTransaction
        | DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand => return Error::busy(about.message()),
        _ if BUSY_MESSAGES.iter().any(|start| about.message().starts_with(start)) => {
            return Error::busy(about.message());
        }
        kind => return Error::Other(DieselError::DatabaseError(kind, about).into()),
    };
    let name = about.constraint_name().or(about.column_name()).unwrap_or_default().to_owned();
    Error::Constraint { name, kind: violation }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let problem = match &error {
            Error::Missing => return Problem::new(&codes::NOT_FOUND),
            // Whoever writes about himself does so by a token that is void, and has not reached us yet as such.
            Error::Constraint { name, .. } if name == ERASED => Problem::new(&codes::TOKEN_REVOKED)
                .header("www-authenticate", "Bearer error=\"invalid_token\"")
                .member("login_url", "/api/v1/auth/login"),
            Error::Constraint { .. } => Problem::new(&codes::CONFLICT),
            Error::Busy(_) => Problem::new(&codes::UNAVAILABLE).header("retry-after", 1),
            Error::Other(_) => Problem::new(&codes::INTERNAL),
        };
        problem.because(error)
    }
}

/// Turns the refusal of one constraint into a refusal of the service.
pub trait OnConstraint<T> {
    /// `code` where the constraint `name` refused it; any other error stays what it is.
    fn on_constraint(self, name: &str, code: &'static Code) -> std::result::Result<T, Problem>;
}

impl<T> OnConstraint<T> for Result<T> {
    fn on_constraint(self, name: &str, code: &'static Code) -> std::result::Result<T, Problem> {
        self.map_err(|error| match &error {
            Error::Constraint { name: refused, .. } if refused == name => Problem::new(code).because(error),
            _ => error.into(),
        })
    }
}
