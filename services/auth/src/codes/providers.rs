//! What can go wrong on the way to a provider and back.

use problem::{Code, Problem};

use super::t;
use crate::ports::provider::Failure;

/// 502: it cannot be reached, or answers nonsense.
pub const PROVIDER_UNAVAILABLE: Code = Code::new(
    "provider_unavailable",
    502,
    t("Fournisseur injoignable", "Provider unavailable"),
    t(
        "Le fournisseur d'identité ne répond pas correctement. Réessayez dans un instant, ou connectez-vous autrement.",
        "The identity provider does not answer properly. Try again in a moment, or sign in another way.",
    ),
);
/// 502: what it says of somebody cannot be believed.
pub const PROVIDER_INVALID: Code = Code::new(
    "provider_invalid",
    502,
    t("Réponse du fournisseur refusée", "Provider's answer refused"),
    t(
        "La réponse du fournisseur d'identité n'a pas pu être vérifiée. Recommencez la connexion.",
        "The answer of the identity provider could not be verified. Start signing in again.",
    ),
);
/// 400: it sent somebody back without what we asked for; `provider_error` is its own word for why.
pub const PROVIDER_REFUSED: Code = Code::new(
    "provider_refused",
    400,
    t("Connexion refusée par le fournisseur", "Refused by the provider"),
    t(
        "Le fournisseur d'identité n'a pas confirmé la connexion. Recommencez, ou connectez-vous autrement.",
        "The identity provider did not confirm the sign-in. Start again, or sign in another way.",
    ),
);
/// 400: nobody set out from this browser, it is too long ago, or they came back before.
pub const STATE_INVALID: Code = Code::new(
    "state_invalid",
    400,
    t("Connexion expirée", "Sign-in expired"),
    t(
        "Cette connexion n'a pas commencé dans ce navigateur, a expiré ou a déjà servi. Recommencez-la.",
        "This sign-in did not begin in this browser, has expired or was used before. Start it again.",
    ),
);
/// 400: not one of those that configuration lists.
pub const REDIRECT_NOT_ALLOWED: Code = Code::new(
    "redirect_not_allowed",
    400,
    t("Adresse de retour non autorisée", "Return address not allowed"),
    t("Utilisez une adresse redirect_uri déclarée, à l'identique.", "Use a redirect_uri that is registered, exactly."),
);
/// 400: a return address without a challenge, or the other way round.
pub const PKCE_REQUIRED: Code = Code::new(
    "pkce_required",
    400,
    t("PKCE requis", "PKCE required"),
    t(
        "Donnez ensemble redirect_uri et code_challenge (S256, 43 caractères).",
        "Give redirect_uri and code_challenge (S256, 43 characters) together.",
    ),
);
/// 400: no code of ours, one that was used or is over a minute old, or another verifier than its challenge was made from.
pub const CODE_INVALID: Code = Code::new(
    "code_invalid",
    400,
    t("Code invalide", "Invalid code"),
    t(
        "Ce code est inconnu, expiré ou déjà utilisé. Recommencez la connexion.",
        "This code is unknown, expired or used before. Start signing in again.",
    ),
);
/// 409: the address has to be confirmed here first. The same whether it has an account or not.
pub const LINK_REQUIRED: Code = Code::new(
    "link_required",
    409,
    t("Adresse à confirmer", "Address to be confirmed"),
    t(
        "Si cette adresse a un compte, un lien vient de lui être envoyé. Ouvrez-le dans ce navigateur, puis réessayez.",
        "If this address has an account, a link was just mailed to it. Open it in this browser, then try again.",
    ),
);
/// 403: it says no mail address.
pub const EMAIL_MISSING: Code = Code::new(
    "email_missing",
    403,
    t("Adresse e-mail absente", "E-mail address missing"),
    t(
        "Le fournisseur ne communique pas votre adresse e-mail. Autorisez-le à la partager, puis recommencez.",
        "The provider does not share your e-mail address. Allow it to, then start again.",
    ),
);
/// 409: it opens somebody else's account already.
pub const IDENTITY_TAKEN: Code = Code::new(
    "identity_taken",
    409,
    t("Identité déjà liée", "Identity already linked"),
    t(
        "Cette identité est liée à un autre compte. Déliez-la d'abord là-bas, ou choisissez-en une autre.",
        "This identity is linked to another account. Unlink it there first, or choose another one.",
    ),
);
/// 409: nothing else opens the account.
pub const LAST_CREDENTIAL: Code = Code::new(
    "last_credential",
    409,
    t("Dernier moyen de connexion", "Last way to sign in"),
    t(
        "C'est le seul moyen d'ouvrir ce compte. Définissez d'abord un mot de passe.",
        "This is the only way into this account. Set a password first.",
    ),
);
/// 403: a mailed link that was asked for in another browser.
pub const OTHER_BROWSER: Code = Code::new(
    "other_browser",
    403,
    t("Autre navigateur", "Another browser"),
    t(
        "Ouvrez ce lien dans le navigateur où vous avez commencé. Si vous n'avez rien demandé, ignorez-le.",
        "Open this link in the browser in which you began. If you asked for nothing, ignore it.",
    ),
);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let code = match failure {
            Failure::Away(_) => &PROVIDER_UNAVAILABLE,
            Failure::Invalid(_) => &PROVIDER_INVALID,
            Failure::Refused(_) => &PROVIDER_REFUSED,
        };
        Self::new(code).because(failure)
    }
}
