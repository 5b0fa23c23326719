//! What crosses a process border: typed ids, roles and tiers, event payloads and their envelope.
//!
//! Events are past facts and are only ever added to inside a version. One file per producing service, one struct
//! per type, each with a golden sample; `EVENTS.md` says who emits and who consumes. Sole owner of event names.
//! Start with [`Event`] and [`Envelope`].

mod envelope;
mod event;
mod ids;
mod standing;

pub mod acts;
pub mod auth;
pub mod export;
pub mod gdpr;
pub mod mail;
pub mod notifications;
pub mod posts;
pub mod users;

pub mod catalogue;

#[cfg(test)]
mod tests;

pub use envelope::Envelope;
pub use event::{Event, Exchange};
pub use ids::{CommentId, ErasureId, EventId, ExportId, IdentityId, PostId, SessionId, TokenId, UserId};
pub use standing::{Language, Role, Roles, Tier};
