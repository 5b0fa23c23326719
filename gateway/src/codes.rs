//! The ways in which the gateway itself says no, beside those that every service shares.

use problem::{Code, Text};

/// The longest path and query, in bytes.
pub(crate) const LONGEST_URL: usize = 4 * 1024;
/// The most fields in a head, and the most bytes in them.
pub(crate) const MOST_FIELDS: usize = 64;
pub(crate) const MOST_HEAD_BYTES: usize = 32 * 1024;
/// Both, as a caller reads them.
pub(crate) const HEAD_LIMITS: &str = "64 × 32 KiB";

const fn t(fr: &'static str, en: &'static str) -> Text {
    Text::new(fr, en)
}

/// 400: the path is written in a way that could be read in two ways.
pub(crate) const BAD_PATH: Code = Code::new(
    "bad_path",
    400,
    t("Adresse ambiguë", "Ambiguous address"),
    t(
        "Écrivez l'adresse sans « . », « .. », segments vides, ni caractères échappés inutilement.",
        "Write the address without \".\", \"..\", empty segments or needlessly escaped characters.",
    ),
);

/// 400: the `Host` header is not there once.
pub(crate) const BAD_HOST: Code = Code::new(
    "bad_host",
    400,
    t("En-tête Host invalide", "Bad Host header"),
    t("Envoyez l'en-tête Host une fois, avec un nom d'hôte.", "Send the Host header once, with a host name."),
);

/// 400: where the body ends could be read in two ways.
pub(crate) const BAD_FRAMING: Code = Code::new(
    "bad_framing",
    400,
    t("Corps mal délimité", "Badly framed body"),
    t(
        "Donnez la longueur du corps d'une seule façon : Content-Length, ou Transfer-Encoding: chunked.",
        "Give the length of the body in one way: Content-Length, or Transfer-Encoding: chunked.",
    ),
);

/// 408: the rest of the request did not come.
pub(crate) const REQUEST_TIMEOUT: Code = Code::new(
    "request_timeout",
    408,
    t("Requête trop lente", "Request too slow"),
    t(
        "La requête n'est pas arrivée entière à temps. Réessayez.",
        "The request did not arrive whole in time. Try again.",
    ),
);

/// 417: something else than a `100 Continue` is expected.
pub(crate) const EXPECTATION_FAILED: Code = Code::new(
    "expectation_failed",
    417,
    t("Attente non satisfaite", "Expectation failed"),
    t("Seul « Expect: 100-continue » est compris.", "Only \"Expect: 100-continue\" is understood."),
);

/// 421: it answers to other names.
pub(crate) const MISDIRECTED: Code = Code::new(
    "misdirected",
    421,
    t("Mauvais destinataire", "Misdirected request"),
    t("Ce serveur ne répond pas sous ce nom.", "This server does not answer to that name."),
);

/// All of them, for the pages that explain them.
pub(crate) const ALL: &[&Code] =
    &[&BAD_PATH, &BAD_HOST, &BAD_FRAMING, &REQUEST_TIMEOUT, &EXPECTATION_FAILED, &MISDIRECTED];
