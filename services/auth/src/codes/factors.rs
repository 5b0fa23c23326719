//! Every way second factors and passkeys say no.

use problem::Code;

use super::t;

/// 401: the password was right, and the account has a second factor; `mfa_token` and `methods` say how to go on.
pub const MFA_REQUIRED: Code = Code::new(
    "mfa_required",
    401,
    t("Second facteur demandé", "Second factor needed"),
    t(
        "Donnez le code de votre application, un code de secours ou une clé d'accès, avec mfa_token.",
        "Give the code of your app, a recovery code or a passkey, together with mfa_token.",
    ),
);
/// 401: not a challenge of ours, or one that was used, has expired or had its five tries.
pub const MFA_INVALID: Code = Code::new(
    "mfa_invalid",
    401,
    t("Connexion à recommencer", "Sign-in to begin anew"),
    t(
        "Cette étape n'est plus valable. Recommencez par votre mot de passe.",
        "This step is not valid any more. Begin anew with your password.",
    ),
);
/// 401: not the code of now, nor a recovery code that was not used.
pub const WRONG_CODE: Code = Code::new(
    "wrong_code",
    401,
    t("Code incorrect", "Wrong code"),
    t(
        "Ce code est incorrect ou a déjà servi. Attendez le suivant, puis réessayez.",
        "This code is wrong or was used before. Wait for the next one, then retry.",
    ),
);
/// 409: the account has one already.
pub const TOTP_ENABLED: Code = Code::new(
    "totp_enabled",
    409,
    t("Application déjà enregistrée", "App already on"),
    t(
        "Votre compte demande déjà un code. Désactivez-le d'abord pour changer d'application.",
        "Your account asks for a code already. Turn it off first to change to another app.",
    ),
);
/// 409: no secret was asked for in the last ten minutes.
pub const NO_ENROLMENT: Code = Code::new(
    "no_enrolment",
    409,
    t("Rien à confirmer", "Nothing to confirm"),
    t("Demandez un nouveau secret, puis confirmez-le.", "Ask for a new secret, then confirm it."),
);
/// 409: the account has no second factor that this could be for.
pub const NO_SECOND_FACTOR: Code = Code::new(
    "no_second_factor",
    409,
    t("Pas de second facteur", "No second factor"),
    t("Activez d'abord un second facteur.", "Turn on a second factor first."),
);
/// 401: a passkey that was not asked for, or is not the account's, or was copied; nobody learns which.
pub const PASSKEY_REFUSED: Code = Code::new(
    "passkey_refused",
    401,
    t("Clé d'accès refusée", "Passkey refused"),
    t(
        "Cette clé d'accès n'a pas été acceptée. Recommencez depuis le début, ou connectez-vous autrement.",
        "This passkey was not accepted. Start again from the beginning, or sign in another way.",
    ),
);
/// 409: the account has no passkey to be shown.
pub const NO_PASSKEY: Code = Code::new(
    "no_passkey",
    409,
    t("Pas de clé d'accès", "No passkey"),
    t(
        "Votre compte n'a pas de clé d'accès. Ajoutez-en une, ou prouvez autrement que c'est vous.",
        "Your account has no passkey. Add one, or prove in another way that it is you.",
    ),
);
/// 409: `{most}` are the most.
pub const TOO_MANY_PASSKEYS: Code = Code::new(
    "too_many_passkeys",
    409,
    t("Trop de clés d'accès", "Too many passkeys"),
    t(
        "Un compte a au plus {most} clés d'accès. Supprimez-en une d'abord.",
        "An account has at most {most} passkeys. Remove one first.",
    ),
);
