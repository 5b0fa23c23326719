//! Every way this service says no, beside those that all services share.

use outbound::Error;
use problem::codes::{INVALID, UNAUTHENTICATED, UNAVAILABLE};
use problem::{Code, FieldError, Problem, Text};

use crate::profiles::rules::{Fault, Wrong};

/// 409: somebody else has it.
pub const USERNAME_TAKEN: Code = Code::new(
    "username_taken",
    409,
    Text::new("Nom d'utilisateur déjà pris", "Username taken"),
    Text::new("Ce nom d'utilisateur est déjà pris. Choisissez-en un autre.", "This username is taken. Choose another."),
);

/// All that is wrong with a change, as one refusal.
pub fn faults(faults: Vec<Fault>) -> Problem {
    faults.into_iter().fold(Problem::new(&INVALID), |problem, fault| problem.field(field(fault)))
}

/// Why auth did not give a username.
pub fn not_claimed(error: Error) -> Problem {
    let problem = match error {
        Error::Status(409, _) => Problem::new(&USERNAME_TAKEN),
        Error::Status(400 | 422, _) => faults(vec![Fault::at("/username", Wrong::NotAUsername)]),
        Error::Status(401, _) => Problem::new(&UNAUTHENTICATED),
        _ => Problem::new(&UNAVAILABLE).header("retry-after", 1),
    };
    problem.because(error)
}

fn field(fault: Fault) -> FieldError {
    let (code, detail) = told(fault.wrong);
    let error = FieldError::new(fault.pointer, code, detail);
    match fault.wrong {
        Wrong::TooLong(most) | Wrong::TooLarge(most) => error.with("most", most),
        _ => error,
    }
}

fn told(wrong: Wrong) -> (&'static str, Text) {
    let t = Text::new;
    match wrong {
        Wrong::TooLong(_) => ("too_long", t("Au plus {most} caractères.", "At most {most} characters.")),
        Wrong::TooLarge(_) => ("too_large", t("Au plus {most} octets de JSON.", "At most {most} bytes of JSON.")),
        Wrong::Unprintable => (
            "unprintable",
            t("Retirez les caractères invisibles ou de contrôle.", "Remove invisible or control characters."),
        ),
        Wrong::NotAUsername => (
            "bad_username",
            t(
                "De 3 à 50 caractères parmi a-z, 0-9, « _ » et « . ».",
                "3 to 50 characters of a-z, 0-9, \"_\" and \".\".",
            ),
        ),
        Wrong::UsernameStays => (
            "username_stays",
            t("Un nom d'utilisateur se change, mais ne se retire pas.", "A username can be changed, not taken away."),
        ),
        Wrong::NotAPublicHttpsUrl => (
            "not_a_public_https_url",
            t("Donnez une adresse https:// d'un site public.", "Give an https:// address of a public site."),
        ),
        Wrong::NoSuchMedia => (
            "no_such_media",
            t("Aucune image de ce numéro n'est à vous. Laissez null.", "No image of yours has this id. Leave it null."),
        ),
        Wrong::NotALanguage => ("not_a_language", t("Choisissez fr ou en.", "Choose fr or en.")),
        Wrong::NotAZone => (
            "not_a_time_zone",
            t("Donnez un fuseau IANA, par exemple Europe/Paris.", "Give an IANA time zone, such as Europe/Paris."),
        ),
        Wrong::NotADayStart => ("out_of_range", t("Un nombre entier de 0 à 6.", "A whole number from 0 to 6.")),
        Wrong::NotAnObject => ("not_an_object", t("Donnez un objet.", "Give an object.")),
        Wrong::NotASwitch => ("not_a_boolean", t("Donnez true ou false.", "Give true or false.")),
    }
}
