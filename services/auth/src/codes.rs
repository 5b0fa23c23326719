//! Every way this service says no, beside those that all services share.

pub mod factors;
pub mod providers;

use jiff::SignedDuration;
use problem::codes::INVALID;
use problem::{Code, FieldError, Problem, Text};

use crate::accounts::rules::Unfit;
use crate::passwords::Weak;
use crate::passwords::rules::{LONGEST, SHORTEST};

pub use factors::*;

const fn t(fr: &'static str, en: &'static str) -> Text {
    Text::new(fr, en)
}

/// 401: no such account, or another password; nobody learns which.
pub const INVALID_CREDENTIALS: Code = Code::new(
    "invalid_credentials",
    401,
    t("Identifiants incorrects", "Wrong credentials"),
    t(
        "L'adresse, le nom ou le mot de passe est incorrect. Vérifiez-les et réessayez.",
        "The address, name or password is wrong. Check them and try again.",
    ),
);
/// 429: too many wrong passwords or codes; for a while nothing is checked, not even the right one.
pub const TOO_MANY_ATTEMPTS: Code = Code::new(
    "too_many_attempts",
    429,
    t("Trop de tentatives", "Too many attempts"),
    t(
        "Trop d'essais incorrects. Réessayez dans {retry_after} s, ou depuis un navigateur déjà connu.",
        "Too many wrong tries. Try again in {retry_after} s, or from a browser that is known already.",
    ),
);
/// 403: the password was right, the address is not proven yet.
pub const EMAIL_NOT_VERIFIED: Code = Code::new(
    "email_not_verified",
    403,
    t("Adresse e-mail non vérifiée", "E-mail address not verified"),
    t(
        "Ouvrez le lien reçu par e-mail, ou demandez-en un nouveau, puis connectez-vous.",
        "Open the link that was mailed to you, or ask for a new one, then sign in.",
    ),
);
/// 403: the password was right, the account is closed.
pub const ACCOUNT_DISABLED: Code = Code::new(
    "account_disabled",
    403,
    t("Compte désactivé", "Account disabled"),
    t("Ce compte est désactivé. Écrivez-nous pour le rouvrir.", "This account is disabled. Write to us to reopen it."),
);
/// 401: not a refresh token of a living session.
pub const REFRESH_INVALID: Code = Code::new(
    "refresh_invalid",
    401,
    t("Session expirée", "Session expired"),
    t(
        "Cette session est terminée ou a expiré. Connectez-vous à nouveau.",
        "This session has ended or expired. Sign in again.",
    ),
);
/// 401: a refresh token that was used before: the session is over.
pub const REFRESH_REUSED: Code = Code::new(
    "refresh_reused",
    401,
    t("Session terminée par sécurité", "Session ended for safety"),
    t(
        "Ce jeton a déjà servi : quelqu'un d'autre l'a peut-être. La session est terminée, connectez-vous à nouveau.",
        "This token was used before, perhaps by somebody else. The session has ended; sign in again.",
    ),
);
/// 403: a cookie sent by a page of another site.
pub const CROSS_SITE: Code = Code::new(
    "cross_site",
    403,
    t("Demande d'un autre site", "Request from another site"),
    t(
        "Un autre site ne peut pas renouveler votre session. Revenez sur le nôtre et réessayez.",
        "Another site cannot refresh your session. Come back to ours and try again.",
    ),
);
/// 409: somebody else has it.
pub const USERNAME_TAKEN: Code = Code::new(
    "username_taken",
    409,
    t("Nom d'utilisateur déjà pris", "Username taken"),
    t("Ce nom d'utilisateur est déjà pris. Choisissez-en un autre.", "This username is taken. Choose another."),
);
/// 422: `errors` says what is wrong with it.
pub const WEAK_PASSWORD: Code = Code::new(
    "weak_password",
    422,
    t("Mot de passe trop faible", "Weak password"),
    t("Choisissez un mot de passe que personne ne devine.", "Choose a password that nobody guesses."),
);
/// 400: not a link of ours, or one that was used.
pub const TOKEN_INVALID: Code = Code::new(
    "token_invalid",
    400,
    t("Lien invalide", "Invalid link"),
    t(
        "Ce lien n'est pas valable ou a déjà servi. S'il a servi, connectez-vous ; sinon demandez-en un nouveau.",
        "This link is not valid or was used before. If it was used, sign in; otherwise ask for a new one.",
    ),
);
/// 410: a link that was not used in time.
pub const LINK_EXPIRED: Code = Code::new(
    "token_expired",
    410,
    t("Lien expiré", "Link expired"),
    t("Ce lien a expiré. Demandez-en un nouveau.", "This link has expired. Ask for a new one."),
);
/// 409: without it nobody could get into the account any more.
pub const LAST_CREDENTIAL: Code = Code::new(
    "last_credential",
    409,
    t("Dernier moyen d'entrer", "Last way in"),
    t(
        "C'est le seul moyen d'entrer dans votre compte. Ajoutez-en un autre d'abord.",
        "This is the only way into your account. Add another one first.",
    ),
);
/// 429: one export a day.
pub const EXPORT_TOO_SOON: Code = Code::new(
    "export_too_soon",
    429,
    t("Une copie par jour", "One copy a day"),
    t(
        "Vous avez déjà demandé vos données aujourd'hui. Téléchargez la copie qui est prête, ou réessayez dans {retry_after} s.",
        "You have asked for your data today already. Download the copy that is ready, or try again in {retry_after} s.",
    ),
);
/// 503: too many passwords are being checked.
pub const BUSY: Code = Code::new(
    "busy",
    503,
    t("Trop de connexions à la fois", "Too many sign-ins at once"),
    t("Réessayez dans un instant.", "Try again in a moment."),
);
/// 400: not signed by Stripe, not for us, or too long ago.
pub const SIGNATURE_INVALID: Code = Code::new(
    "signature_invalid",
    400,
    t("Signature invalide", "Invalid signature"),
    t(
        "Stripe-Signature ne correspond pas à ce corps et à ce secret, ou date de plus de cinq minutes. Envoyez-le à nouveau.",
        "Stripe-Signature does not match this body and secret, or is more than five minutes off. Send it again.",
    ),
);
/// 409: an administrator gave the address of an account that there is.
pub const EMAIL_TAKEN: Code = Code::new(
    "email_taken",
    409,
    t("Adresse e-mail déjà prise", "E-mail address taken"),
    t(
        "Un compte a déjà cette adresse. Cherchez-le dans la liste.",
        "An account has this address. Find it in the list.",
    ),
);
/// 409: nobody would be left to administer.
pub const LAST_ADMIN: Code = Code::new(
    "last_admin",
    409,
    t("Dernier administrateur", "Last administrator"),
    t(
        "Il ne resterait aucun administrateur. Nommez-en un autre d'abord.",
        "No administrator would be left. Appoint another one first.",
    ),
);
/// 409: administrators do not do this to themselves.
pub const OWN_ACCOUNT: Code = Code::new(
    "own_account",
    409,
    t("Votre propre compte", "Your own account"),
    t("Demandez à un autre administrateur de le faire.", "Ask another administrator to do it."),
);
/// 409: it is closed, and has to be opened first.
pub const ACCOUNT_INACTIVE: Code = Code::new(
    "account_inactive",
    409,
    t("Compte désactivé", "Account disabled"),
    t("Ce compte est désactivé. Réactivez-le d'abord.", "This account is disabled. Activate it first."),
);
/// 409: whoever was invited came.
pub const ALREADY_JOINED: Code = Code::new(
    "already_joined",
    409,
    t("Invitation déjà acceptée", "Invitation already accepted"),
    t(
        "Quelqu'un entre déjà dans ce compte. Envoyez plutôt un lien pour choisir un nouveau mot de passe.",
        "Somebody enters this account already. Send a link to choose a new password instead.",
    ),
);
/// 409: whoever chose the account's password may be a stranger to its address.
pub const ADDRESS_UNPROVEN: Code = Code::new(
    "address_unproven",
    409,
    t("Adresse non vérifiée", "Address not verified"),
    t(
        "Personne n'a prouvé que cette adresse est la sienne. Invitez-la, ou attendez qu'elle soit vérifiée.",
        "Nobody has proven to own this address. Invite it, or wait until it is verified.",
    ),
);

/// 409: the account is being erased already, and that cannot be taken back any more.
pub const ERASURE_STARTED: Code = Code::new(
    "erasure_started",
    409,
    t("Effacement commencé", "Erasure started"),
    t(
        "L'effacement de ce compte a déjà été demandé et ne peut plus être annulé ni redemandé. Suivez-le avec son reçu.",
        "The erasure of this account was asked for and can neither be taken back nor asked for again. Follow it by its receipt.",
    ),
);
/// 409: nobody is asked for receipts now.
pub const ERASURE_NOT_RUNNING: Code = Code::new(
    "erasure_not_running",
    409,
    t("Effacement non en cours", "Erasure not running"),
    t(
        "Cet effacement n'a pas commencé ou a été annulé : il n'y a aucun service à relancer.",
        "This erasure has not begun or was taken back: there is no service to ask again.",
    ),
);

/// 401: with the challenge that belongs to it, and where to sign in.
pub fn unauthorized(code: &'static Code) -> Problem {
    Problem::new(code).header("www-authenticate", "Bearer").member("login_url", authn::LOGIN_URL)
}

/// 401: with the challenge of RFC 9470, and what the account can prove itself by.
pub fn step_up(methods: &[&str]) -> Problem {
    authn::step_up().member("methods", methods)
}

/// 401: the second factor is still to be shown, by one of these ways, within so many seconds.
pub fn mfa_required(mfa_token: &str, expires_in: i64, methods: &[&str]) -> Problem {
    let problem = unauthorized(&MFA_REQUIRED).member("mfa_token", mfa_token).member("expires_in", expires_in);
    problem.member("methods", methods)
}

/// The code of a body is not the one of now.
pub fn wrong_code_given() -> Problem {
    let detail = t(
        "Ce n'est pas le code affiché maintenant. Vérifiez l'heure de l'appareil et réessayez.",
        "This is not the code that is shown now. Check the time of your device and retry.",
    );
    Problem::new(&INVALID).field(FieldError::new("/code", "wrong_code", detail))
}

/// 429: with the time that is left, in whole seconds.
pub fn too_many_attempts(left: SignedDuration) -> Problem {
    later(&TOO_MANY_ATTEMPTS, left)
}

/// 429: with the time until the next export may be asked for.
pub fn export_too_soon(left: SignedDuration) -> Problem {
    later(&EXPORT_TOO_SOON, left)
}

fn later(code: &'static Code, left: SignedDuration) -> Problem {
    let secs = u128::try_from(left.as_micros()).unwrap_or(0).div_ceil(1_000_000).max(1);
    Problem::new(code).with("retry_after", secs).header("retry-after", secs)
}

/// Why a password is refused, for a program.
pub fn weak_word(weak: Weak) -> &'static str {
    weak_told(weak).0
}

/// Why a password is refused.
pub fn weak(weak: Weak) -> Problem {
    weak_at("/password", weak)
}

/// Why the password at `pointer` is refused.
pub fn weak_at(pointer: &'static str, weak: Weak) -> Problem {
    let (code, detail) = weak_told(weak);
    let value = if weak == Weak::TooShort { SHORTEST } else { LONGEST };
    Problem::new(&WEAK_PASSWORD).field(FieldError::new(pointer, code, detail).with("value", value))
}

fn weak_told(weak: Weak) -> (&'static str, Text) {
    match weak {
        Weak::TooShort => ("too_short", t("Au moins {value} caractères.", "At least {value} characters.")),
        Weak::TooLong => ("too_long", t("Au plus {value} caractères.", "At most {value} characters.")),
        Weak::TooManyBytes => ("too_long", t("Au plus 72 octets.", "At most 72 bytes.")),
        Weak::Frequent => (
            "too_common",
            t("Ce mot de passe est parmi les plus utilisés.", "This password is among the most used ones."),
        ),
        Weak::Obvious => {
            ("obvious", t("Ce mot de passe reprend votre nom ou le nôtre.", "This password repeats your name or ours."))
        }
        Weak::Nul => ("unprintable", t("Retirez le caractère nul.", "Remove the null character.")),
        Weak::Unchanged => (
            "unchanged",
            t(
                "C'est votre mot de passe actuel. Choisissez-en un autre.",
                "This is your current password. Choose another.",
            ),
        ),
    }
}

/// What is wrong with a field.
pub fn unfit(faults: Vec<(&'static str, Unfit)>) -> Problem {
    faults.into_iter().fold(Problem::new(&INVALID), |problem, (pointer, unfit)| {
        let (code, detail) = told(unfit);
        problem.field(FieldError::new(pointer, code, detail))
    })
}

fn told(unfit: Unfit) -> (&'static str, Text) {
    match unfit {
        Unfit::NotAnAddress => (
            "not_an_email",
            t("Une adresse e-mail valide, comme nom@exemple.fr.", "A valid e-mail address, such as name@example.com."),
        ),
        Unfit::NotAUsername => (
            "bad_username",
            t(
                "De 3 à 50 caractères parmi a-z, 0-9, « _ » et « . ».",
                "3 to 50 characters of a-z, 0-9, \"_\" and \".\".",
            ),
        ),
        Unfit::TooLong => ("too_long", t("Au plus 100 caractères.", "At most 100 characters.")),
        Unfit::Unprintable => (
            "unprintable",
            t("Retirez les caractères invisibles ou de contrôle.", "Remove invisible or control characters."),
        ),
        Unfit::NotALanguage => ("not_a_language", t("Choisissez fr ou en.", "Choose fr or en.")),
        Unfit::NobodyNamed => {
            ("missing", t("Donnez email ou username, l'un des deux.", "Give email or username, one of them."))
        }
        Unfit::Unchanged => {
            ("unchanged", t("Votre compte a déjà cette adresse.", "Your account has this address already."))
        }
        Unfit::NoRole => ("missing", t("Donnez au moins un rôle.", "Give at least one role.")),
    }
}
