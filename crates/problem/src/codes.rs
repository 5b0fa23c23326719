//! The refusals that every service shares. A service's own are in its `codes.rs`.

use crate::{Code, Text};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:expr, $detail:expr;)*) => {
        $($(#[$doc])* pub const $name: Code = Code::new($code, $status, $title, $detail);)*
        /// All of them, for the pages that explain them.
        pub const ALL: &[&Code] = &[$(&$name),*];
    };
}

const fn t(fr: &'static str, en: &'static str) -> Text {
    Text::new(fr, en)
}

codes! {
    /// 400: the request cannot be read.
    MALFORMED = "malformed", 400, t("Requête illisible", "Malformed request"),
        t("La requête ne peut pas être lue. Vérifiez sa forme et réessayez.", "The request cannot be read. Check its form and try again.");
    /// 400: the body is not JSON. `{reason}` says where.
    MALFORMED_JSON = "malformed_json", 400, t("JSON illisible", "Malformed JSON"),
        t("Le corps de la requête n'est pas du JSON valide (ligne {line}, colonne {column}).", "The request body is not valid JSON (line {line}, column {column}).");
    /// 400: a cursor that this list did not give.
    BAD_CURSOR = "bad_cursor", 400, t("Curseur invalide", "Bad cursor"),
        t("Ce curseur n'est pas l'un de ceux donnés par cette liste. Reprenez sans curseur.", "This cursor was not given by this list. Start again without one.");
    /// 400: an idempotency key that is empty, too long or not plain text.
    BAD_IDEMPOTENCY_KEY = "bad_idempotency_key", 400, t("Clé d'idempotence invalide", "Bad idempotency key"),
        t("Idempotency-Key doit compter de 1 à 255 caractères visibles.", "Idempotency-Key must have 1 to 255 visible characters.");
    /// 401: no token, or one that is not accepted.
    UNAUTHENTICATED = "unauthenticated", 401, t("Connexion requise", "Sign-in required"),
        t("Connectez-vous, puis réessayez avec votre jeton d'accès.", "Sign in, then try again with your access token.");
    /// 401: a token that was accepted once.
    TOKEN_EXPIRED = "token_expired", 401, t("Session expirée", "Token expired"),
        t("Votre jeton d'accès a expiré. Renouvelez-le, puis réessayez.", "Your access token has expired. Refresh it, then try again.");
    /// 401: a token whose session, or whose owner's sessions, were ended.
    TOKEN_REVOKED = "token_revoked", 401, t("Session terminée", "Session ended"),
        t("Cette session est terminée. Connectez-vous à nouveau.", "This session has ended. Sign in again.");
    /// 401: the token is good, but too old a proof for this, or without a second factor.
    STEP_UP_REQUIRED = "step_up_required", 401, t("Confirmez que c'est vous", "Confirm that it is you"),
        t("Confirmez par votre mot de passe ou, s'il est activé, votre second facteur, puis réessayez.", "Confirm by your password or, where it is on, your second factor, then retry.");
    /// 403: it may be seen, but this may not be done.
    FORBIDDEN = "forbidden", 403, t("Accès non autorisé", "Access denied"),
        t("Votre compte ne permet pas cette action.", "Your account does not allow this.");
    /// 404: unknown, or not the caller's to know.
    NOT_FOUND = "not_found", 404, t("Introuvable", "Not found"),
        t("Rien ici à cette adresse. Vérifiez-la.", "There is nothing at this address. Check it.");
    /// 405: the `Allow` header says what works.
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, t("Méthode non permise", "Method not allowed"),
        t("Cette adresse n'accepte que : {allow}.", "This address accepts only: {allow}.");
    /// 408: the body came too slowly.
    BODY_TIMEOUT = "body_timeout", 408, t("Corps reçu trop lentement", "Body too slow"),
        t("Le corps de la requête n'est pas arrivé à temps. Réessayez.", "The request body did not arrive in time. Try again.");
    /// 409: it clashes with what is there.
    CONFLICT = "conflict", 409, t("Conflit", "Conflict"),
        t("La demande contredit l'état actuel. Relisez-le, puis réessayez.", "The request clashes with the current state. Read it again, then retry.");
    /// 409: a request with the same idempotency key is still running.
    IDEMPOTENCY_RUNNING = "idempotency_running", 409, t("Demande déjà en cours", "Request already running"),
        t("Une demande avec cette clé d'idempotence est en cours. Réessayez dans un instant.", "A request with this idempotency key is running. Try again in a moment.");
    /// 412: somebody changed it meanwhile.
    STALE = "stale", 412, t("Version dépassée", "Stale version"),
        t("Cet élément a changé entre-temps. Relisez-le, puis reprenez votre modification.", "This has changed meanwhile. Read it again, then redo your change.");
    /// 413: `{limit}` is the most, in bytes.
    TOO_LARGE = "too_large", 413, t("Requête trop volumineuse", "Request too large"),
        t("Le corps de la requête dépasse {limit} octets.", "The request body is over {limit} bytes.");
    /// 414.
    URI_TOO_LONG = "uri_too_long", 414, t("Adresse trop longue", "Address too long"),
        t("L'adresse dépasse {limit} octets.", "The address is over {limit} bytes.");
    /// 415: not JSON, or an encoded body.
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", 415, t("Type de contenu non pris en charge", "Unsupported media type"),
        t("Cette adresse attend {expected}.", "This address expects {expected}.");
    /// 422: `errors` says what.
    INVALID = "invalid", 422, t("Données invalides", "Invalid input"),
        t("Certains champs sont à corriger.", "Some fields need correcting.");
    /// 422: the same idempotency key came with another request.
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch", 422, t("Clé d'idempotence déjà utilisée", "Idempotency key already used"),
        t("Cette clé d'idempotence a servi à une autre demande. Choisissez-en une nouvelle.", "This idempotency key was used for another request. Choose a new one.");
    /// 431.
    HEADERS_TOO_LARGE = "headers_too_large", 431, t("En-têtes trop volumineux", "Headers too large"),
        t("Les en-têtes dépassent {limit}.", "The headers are over {limit}.");
    /// 500: our fault. The request id finds it in the logs.
    INTERNAL = "internal", 500, t("Erreur interne", "Internal error"),
        t("Une erreur est survenue de notre côté. Réessayez, ou contactez-nous avec l'identifiant de la demande.", "Something failed on our side. Try again, or contact us with the request id.");
    /// 502: a service answered nonsense.
    BAD_GATEWAY = "bad_gateway", 502, t("Réponse invalide d'un service", "Bad answer from a service"),
        t("Un service n'a pas répondu correctement. Réessayez.", "A service did not answer properly. Try again.");
    /// 503: too much at once, or something is away; `Retry-After` says when to try again.
    UNAVAILABLE = "unavailable", 503, t("Service momentanément indisponible", "Temporarily unavailable"),
        t("Réessayez dans un instant.", "Try again in a moment.");
    /// 504: a service did not answer in time.
    TIMEOUT = "timeout", 504, t("Délai dépassé", "Timed out"),
        t("La réponse a pris trop de temps. Réessayez.", "The answer took too long. Try again.");
}

/// 429: one of the published limits is used up (draft-ietf-httpapi-ratelimit-headers, "Problem Types").
pub const QUOTA_EXCEEDED: Code = Code {
    code: "quota_exceeded",
    status: 429,
    title: t("Trop de demandes", "Too many requests"),
    detail: t("Réessayez dans {retry_after} s.", "Try again in {retry_after} s."),
    type_uri: Some("https://iana.org/assignments/http-problem-types#quota-exceeded"),
};
