//! Every way this service says no, beside those that all services share.

use problem::codes::{FORBIDDEN, INVALID, NOT_FOUND};
use problem::{Code, FieldError, Problem, Text};

use crate::comments::rules::Misplaced;
use crate::posts::rules::{Fault, Refused, Wrong};

/// 410: the post was there and is not any more.
pub const POST_DELETED: Code = Code::new(
    "post_deleted",
    410,
    Text::new("Publication supprimée", "Post deleted"),
    Text::new(
        "Cette publication a été supprimée. Retournez à la liste.",
        "This post has been deleted. Go back to the list.",
    ),
);

/// 410: the comment was there and is not any more.
pub const COMMENT_DELETED: Code = Code::new(
    "comment_deleted",
    410,
    Text::new("Commentaire supprimé", "Comment deleted"),
    Text::new(
        "Ce commentaire a été supprimé. Relisez la discussion.",
        "This comment has been deleted. Read the thread again.",
    ),
);

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::new(match refused {
            Refused::Unknown => &NOT_FOUND,
            Refused::Gone => &POST_DELETED,
            Refused::NotYours => &FORBIDDEN,
        })
    }
}

impl From<Misplaced> for Problem {
    fn from(misplaced: Misplaced) -> Self {
        const ELSEWHERE: Text = Text::new(
            "Aucun commentaire de cette publication n'a ce numéro. Retirez-le pour commenter la publication elle-même.",
            "No comment on this post has this id. Leave it out to comment on the post itself.",
        );
        match misplaced {
            Misplaced::ParentDeleted => Self::new(&COMMENT_DELETED),
            Misplaced::ParentElsewhere => {
                Self::new(&INVALID).field(FieldError::new("/parent_id", "unknown_comment", ELSEWHERE))
            }
        }
    }
}

/// All that is wrong with a text, as one refusal.
pub fn faults(faults: Vec<Fault>) -> Problem {
    faults.into_iter().fold(Problem::new(&INVALID), |problem, fault| {
        let (code, detail) = told(fault.wrong);
        problem.field(FieldError::new(fault.pointer, code, detail))
    })
}

fn told(wrong: Wrong) -> (&'static str, Text) {
    match wrong {
        Wrong::Blank => ("blank", Text::new("Écrivez quelque chose.", "Write something.")),
        Wrong::Unprintable => {
            ("unprintable", Text::new("Retirez les caractères de contrôle.", "Remove the control characters."))
        }
        Wrong::NotATag => (
            "not_a_tag",
            Text::new(
                "De 1 à 50 lettres, chiffres, « _ » ou « - », avec ou sans « # » devant.",
                "1 to 50 letters, digits, \"_\" or \"-\", with or without a leading \"#\".",
            ),
        ),
        Wrong::NoSuchMedia => (
            "no_such_media",
            Text::new(
                "Aucun fichier de ce numéro n'est à vous. Retirez-le.",
                "No file of yours has this id. Remove it.",
            ),
        ),
    }
}
