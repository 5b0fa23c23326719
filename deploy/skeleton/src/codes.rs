//! Every way this service says no, beside those that all services share.

use problem::codes::INVALID;
use problem::{FieldError, Problem, Text};

use crate::entries::rules::Blank;

impl From<Blank> for Problem {
    fn from(_: Blank) -> Self {
        let say = Text::new("Écrivez quelque chose.", "Write something.");
        Self::new(&INVALID).field(FieldError::new("/body", "blank", say))
    }
}
