//! How people get what is held about them: auth asks, every service sends what it holds, in chunks.
//!
//! What is asked is ids alone; what is sent is all about somebody, so it is private, and its outbox forgets it once it
//! is out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::sample;
use crate::event::event;
use crate::{ExportId, UserId};

event! {
    /// Somebody wants all that is held about him. Told again to those who have not sent their part.
    "gdpr.export.requested.v1", Journaled, ExportRequested { export_id } {
        /// The export.
        pub export_id: ExportId,
        /// The account.
        pub user_id: UserId,
        /// How often it was asked for, this time included: a part that answers a later one replaces what came before.
        pub asked: i32,
        /// The services whose parts are awaited.
        pub participants: Vec<String>,
    } = {
        export_id: export(), user_id: sample::user(), asked: 1, participants: vec!["posts".into(), "users".into()],
    }

    /// A chunk of what a service holds about somebody: the text of its files, one after the other.
    "gdpr.export.part_ready.v1", Private, ExportPartReady { export_id } {
        /// The export.
        pub export_id: ExportId,
        /// The service.
        pub service: String,
        /// Which of the times that it was asked for this answers.
        pub asked: i32,
        /// Its place among the chunks of this answer, from 0.
        pub number: i32,
        /// The file that the text belongs to: `posts`.
        pub file: String,
        /// Some of its text.
        pub content: String,
        /// Whether the service has nothing more to send.
        pub last: bool,
    } = {
        export_id: export(), service: "posts".into(), asked: 1, number: 0, file: "posts".into(),
        content: "[]\n".into(), last: true,
    }
}

/// What samples are made of.
fn export() -> ExportId {
    ExportId(uuid::Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0007))
}
