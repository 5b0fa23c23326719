//! garde's findings as field errors.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use garde::Validate;
use garde::i18n::{I18n, InvalidCreditCard, InvalidEmail, InvalidPhoneNumber, InvalidUrl, IpKind, with_i18n};
use problem::{FieldError, Problem, Text, codes};

pub(crate) const NUMBER_BETWEEN: Text =
    Text::new("Un nombre entier de {min} à {max}.", "A whole number from {min} to {max}.");

/// Fine, or every field that is not, by JSON pointer.
pub(crate) fn check<T: Validate<Context = ()>>(value: &T) -> Result<(), Problem> {
    check_named(value, "/")
}

/// The same with names that begin with `root`: `/` for bodies, nothing for parameters.
pub(crate) fn check_named<T: Validate<Context = ()>>(value: &T, root: &str) -> Result<(), Problem> {
    if value.validate().is_ok() {
        return Ok(());
    }
    // Only now in words that can be told apart, since that costs a little.
    let Err(report) = with_i18n(Coded, || value.validate()) else { return Ok(()) };
    let errors = report.iter().map(|(path, error)| field_error(pointer(root, &path.to_string()), error.message()));
    Err(errors.fold(Problem::new(&codes::INVALID), Problem::field))
}

/// What a rule of one's own answers: a word for programs, a text for people. For `#[garde(custom(...))]`.
pub fn fault(code: &'static str, text: Text) -> garde::Error {
    // garde carries words only; codes and texts are constants, so this list ends.
    let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = faults.iter().position(|known| *known == (code, text));
    let at = known.unwrap_or_else(|| {
        faults.push((code, text));
        faults.len() - 1
    });
    garde::Error::new(format!("{OWN}{at}"))
}

static FAULTS: Mutex<Vec<(&'static str, Text)>> = Mutex::new(Vec::new());
const OWN: char = '\u{1}';
const VALUE: char = '\u{2}';

/// garde writes `tags[3].name`, a pointer says `/tags/3/name`; the whole has an empty one.
fn pointer(root: &str, path: &str) -> String {
    let path = path.replace("].", "/").replace(['.', '['], "/").replace(']', "");
    if path.is_empty() { path } else { format!("{root}{path}") }
}

fn field_error(pointer: String, message: &str) -> FieldError {
    if let Some(at) = message.strip_prefix(OWN).and_then(|at| at.parse::<usize>().ok()) {
        let faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((code, text)) = faults.get(at).copied() {
            return FieldError::new(pointer, code, text);
        }
    }
    let (word, value) = message.split_once(VALUE).unwrap_or((message, ""));
    match KINDS.iter().find(|(code, _)| *code == word) {
        Some((code, text)) => FieldError::new(pointer, code, *text).with("value", value),
        // A rule of somebody's own that wrote a sentence.
        None => FieldError::new(pointer, "invalid", Text::new("{value}", "{value}")).with("value", message),
    }
}

const KINDS: &[(&str, Text)] = &[
    ("too_short", Text::new("Au moins {value} caractères.", "At least {value} characters.")),
    ("too_long", Text::new("Au plus {value} caractères.", "At most {value} characters.")),
    ("too_small", Text::new("Au moins {value}.", "At least {value}.")),
    ("too_large", Text::new("Au plus {value}.", "At most {value}.")),
    ("wrong_form", Text::new("La forme n'est pas celle attendue.", "This does not have the expected form.")),
    (
        "not_an_email",
        Text::new(
            "Une adresse e-mail valide, comme nom@exemple.fr.",
            "A valid e-mail address, such as name@example.com.",
        ),
    ),
    ("not_a_url", Text::new("Une adresse web valide.", "A valid web address.")),
    ("not_an_ip", Text::new("Une adresse IP valide.", "A valid IP address.")),
    ("missing", Text::new("Ce champ est obligatoire.", "This field is required.")),
    ("mismatch", Text::new("Doit être identique à {value}.", "Must be the same as {value}.")),
    ("not_ascii", Text::new("Uniquement des caractères ASCII.", "ASCII characters only.")),
    ("not_alphanumeric", Text::new("Uniquement des lettres et des chiffres.", "Letters and digits only.")),
];

/// garde's words as ours: a code, and the one value that the text may need.
struct Coded;

fn coded(code: &str, value: impl Display) -> Cow<'static, str> {
    format!("{code}{VALUE}{value}").into()
}

impl I18n for Coded {
    fn length_lower_than(&self, min: usize) -> Cow<'static, str> {
        coded("too_short", min)
    }
    fn length_greater_than(&self, max: usize) -> Cow<'static, str> {
        coded("too_long", max)
    }
    fn range_lower_than(&self, min: &dyn Display) -> Cow<'static, str> {
        coded("too_small", min)
    }
    fn range_greater_than(&self, max: &dyn Display) -> Cow<'static, str> {
        coded("too_large", max)
    }
    fn credit_card_invalid(&self, _: InvalidCreditCard) -> Cow<'static, str> {
        "wrong_form".into()
    }
    fn pattern_no_match(&self, _: &dyn Display) -> Cow<'static, str> {
        "wrong_form".into()
    }
    fn contains_missing(&self, _: &dyn Display) -> Cow<'static, str> {
        "wrong_form".into()
    }
    fn url_invalid(&self, _: InvalidUrl) -> Cow<'static, str> {
        "not_a_url".into()
    }
    fn prefix_missing(&self, _: &dyn Display) -> Cow<'static, str> {
        "wrong_form".into()
    }
    fn suffix_missing(&self, _: &dyn Display) -> Cow<'static, str> {
        "wrong_form".into()
    }
    fn phone_number_invalid(&self, _: InvalidPhoneNumber) -> Cow<'static, str> {
        "wrong_form".into()
    }
    fn ip_invalid(&self, _: IpKind) -> Cow<'static, str> {
        "not_an_ip".into()
    }
    fn matches_field_mismatch(&self, field: &dyn Display) -> Cow<'static, str> {
        coded("mismatch", field)
    }
    fn email_invalid(&self, _: InvalidEmail) -> Cow<'static, str> {
        "not_an_email".into()
    }
    fn ascii_invalid(&self) -> Cow<'static, str> {
        "not_ascii".into()
    }
    fn alphanumeric_invalid(&self) -> Cow<'static, str> {
        "not_alphanumeric".into()
    }
    fn required_not_set(&self) -> Cow<'static, str> {
        "missing".into()
    }
}
