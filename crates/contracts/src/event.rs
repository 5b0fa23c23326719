//! What makes a struct an event.

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

/// A past fact that one service tells the others.
///
/// Inside a version fields are only ever added, each with `#[serde(default)]`; consumers ignore what they do not know.
pub trait Event: Serialize + DeserializeOwned + ToSchema + Send + Sync + 'static {
    /// Its name and routing key: `<service>.<noun>.<past verb>.v1`.
    const TYPE: &'static str;
    /// Where it is published.
    const EXCHANGE: Exchange;

    /// The id of what it is about. Events of one subject reach each consumer in the order they happened.
    fn subject(&self) -> String;

    /// An example, kept as a golden file.
    fn sample() -> Self;
}

/// Where an event is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// `fleet.in`: ids, enums and counts alone; everyone may bind, the journal keeps it 30 days.
    Journaled,
    /// `fleet.private`: personal data; only readers that bind its name get it, and it is not journaled.
    Private,
    /// `revocations`: to every process that verifies tokens.
    Revocations,
}

impl Exchange {
    /// Its name at the broker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Journaled => "fleet.in",
            Self::Private => "fleet.private",
            Self::Revocations => "revocations",
        }
    }

    /// The exchange of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Journaled, Self::Private, Self::Revocations].into_iter().find(|exchange| exchange.name() == name)
    }
}

/// Declares events: doc, type, exchange, name, the field (or method) that is the subject, fields, and a sample.
macro_rules! event {
    ($(
        $(#[$doc:meta])*
        $type:literal, $exchange:ident, $name:ident { $subject:ident } { $($fields:tt)* } = { $($sample:tt)* }
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
            pub struct $name { $($fields)* }

            impl crate::Event for $name {
                const TYPE: &'static str = $type;
                const EXCHANGE: crate::Exchange = crate::Exchange::$exchange;
                fn subject(&self) -> String {
                    $crate::event::subject!(self $subject)
                }
                fn sample() -> Self {
                    Self { $($sample)* }
                }
            }
        )*

        /// The events of this file.
        pub(crate) fn all(into: &mut Vec<crate::catalogue::Entry>) {
            $(into.push(crate::catalogue::Entry::of::<$name>());)*
        }
    };
}
macro_rules! subject {
    ($event:ident subject) => {
        $event.subject()
    };
    ($event:ident $field:ident) => {
        $event.$field.to_string()
    };
}
pub(crate) use {event, subject};
