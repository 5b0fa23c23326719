//! The few pages that people see, without scripts: what their address bar holds must not leak by a request of ours.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use problem::{FieldError, Language, Problem, Text};
use server::{Raw, Refusal};

use crate::passwords::rules::{LONGEST, SHORTEST};

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}\
input{display:block;box-sizing:border-box;width:100%;font:inherit;padding:.5em;margin:.3em 0 1em}\
button{font:inherit;padding:.6em 1.2em;border:0;border-radius:.4em;background:#1b5e20;color:#fff;cursor:pointer}";

/// Nothing is loaded, nothing runs, the form goes to us, and nobody frames it. The hash is that of [`STYLE`].
const POLICY: &str = "default-src 'none'; style-src 'sha256-STYLE'; form-action 'self'; base-uri 'none'; \
frame-ancestors 'none'";

/// Whether a form was sent, as browsers do.
pub fn came_from_a_page(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// What became of a mailed link that was used: whoever sent a form is shown a page, a program is told `plain`.
pub fn outcome<T>(
    request: &HttpRequest,
    language: Language,
    done: Result<T, Problem>,
    page: fn(Language) -> Raw,
    plain: impl FnOnce(T) -> HttpResponse,
) -> Result<Raw, Refusal> {
    let on_page = came_from_a_page(request);
    match done {
        Ok(_) if on_page => Ok(page(language)),
        Ok(told) => Ok(Raw(plain(told))),
        Err(problem) if on_page && problem.status() < 500 => Ok(refused(language, &problem)),
        Err(problem) => Err(Refusal(problem)),
    }
}

/// The button that proves an address.
pub fn button(language: Language, token: &str) -> Raw {
    let title = Text::new("Vérifier mon adresse", "Verify my address");
    let words =
        Text::new("Un clic, et votre adresse e-mail est vérifiée.", "One click, and your e-mail address is verified.");
    let form = form(language, token, "", title);
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), &form)
}

/// The form that asks for a new password; `refused` says why the one that was sent is none.
pub fn new_password(language: Language, token: &str, refused: Option<&Problem>) -> Raw {
    let title = Text::new("Choisir un nouveau mot de passe", "Choose a new password");
    let words = Text::new(
        "Au moins 8 caractères. Toutes vos sessions seront fermées.",
        "8 characters or more. All your sessions will be closed.",
    );
    let label = Text::new("Nouveau mot de passe", "New password");
    asks_for_password(language, token, refused, &Asked { title, words, label, name: "new_password" })
}

/// The form that asks whoever was invited for a first password; `refused` says why the one that was sent is none.
pub fn first_password(language: Language, token: &str, refused: Option<&Problem>) -> Raw {
    let title = Text::new("Choisir votre mot de passe", "Choose your password");
    let words = Text::new(
        "Un compte vous attend. Au moins 8 caractères, et il est à vous.",
        "An account is waiting for you. 8 characters or more, and it is yours.",
    );
    let label = Text::new("Mot de passe", "Password");
    asks_for_password(language, token, refused, &Asked { title, words, label, name: "password" })
}

/// What a page says that asks for a password, and what it calls it.
struct Asked {
    title: Text,
    words: Text,
    label: Text,
    name: &'static str,
}

fn asks_for_password(language: Language, token: &str, refused: Option<&Problem>, asked: &Asked) -> Raw {
    let reasons: String = refused.into_iter().flat_map(Problem::errors).map(|error| reason(language, error)).collect();
    let (label, name) = (language.pick(asked.label), asked.name);
    let input = format!(
        "{reasons}<label>{label}<input type=\"password\" name=\"{name}\" autocomplete=\"new-password\" \
         minlength=\"{SHORTEST}\" maxlength=\"{LONGEST}\" required></label>"
    );
    let form = form(language, token, &input, Text::new("Enregistrer", "Save"));
    let status = refused.map_or(StatusCode::OK, status);
    page(status, language, (language.pick(asked.title), language.pick(asked.words)), &form)
}

/// What is said once it is set.
pub fn password_set(language: Language) -> Raw {
    let title = Text::new("Mot de passe changé", "Password changed");
    let words = Text::new(
        "C'est fait. Connectez-vous avec votre nouveau mot de passe.",
        "It is done. Sign in with your new password.",
    );
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), "")
}

/// The button that gives an account its new address.
pub fn new_address(language: Language, token: &str) -> Raw {
    let title = Text::new("Confirmer ma nouvelle adresse", "Confirm my new address");
    let words = Text::new(
        "Un clic, et votre compte a cette adresse e-mail.",
        "One click, and your account has this e-mail address.",
    );
    let form = form(language, token, "", title);
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), &form)
}

/// What is said once it has it.
pub fn address_changed(language: Language) -> Raw {
    let title = Text::new("Adresse changée", "Address changed");
    let words = Text::new(
        "C'est fait. Connectez-vous désormais avec cette adresse.",
        "It is done. Sign in with this address from now on.",
    );
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), "")
}

/// The button that takes an erasure back.
pub fn keep_account(language: Language, token: &str) -> Raw {
    let title = Text::new("Garder mon compte", "Keep my account");
    let words =
        Text::new("Un clic, et votre compte ne sera pas effacé.", "One click, and your account will not be erased.");
    let form = form(language, token, "", title);
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), &form)
}

/// What is said once that is done.
pub fn account_kept(language: Language) -> Raw {
    let title = Text::new("Compte gardé", "Account kept");
    let words = Text::new(
        "C'est fait. Votre compte est rouvert, connectez-vous comme avant.",
        "It is done. Your account is open again; sign in as before.",
    );
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), "")
}

/// The button that has an account entered through a provider as well.
pub fn link_identity(language: Language, token: &str) -> Raw {
    let title = Text::new("Lier cette connexion à mon compte", "Link this sign-in to my account");
    let words = Text::new(
        "Ne continuez que si vous venez de vous connecter ici par un fournisseur : il ouvrira ensuite votre compte.",
        "Go on only if you just signed in here through a provider: it will open your account from then on.",
    );
    let form = form(language, token, "", title);
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), &form)
}

/// What is said once it is.
pub fn identity_linked(language: Language) -> Raw {
    let title = Text::new("Connexion liée", "Sign-in linked");
    let words = Text::new(
        "C'est fait. Reconnectez-vous par ce fournisseur : votre compte s'ouvre.",
        "It is done. Sign in through this provider again: your account opens.",
    );
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), "")
}

/// What is said once it is proven.
pub fn verified(language: Language) -> Raw {
    let title = Text::new("Adresse vérifiée", "Address verified");
    let words = Text::new("C'est fait. Vous pouvez vous connecter.", "It is done. You can sign in.");
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), "")
}

/// What is said when a link does not work.
pub fn refused(language: Language, problem: &Problem) -> Raw {
    let code = problem.code();
    page(status(problem), language, (language.pick(code.title), language.pick(code.detail)), "")
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// A form that is sent to the address of its own page, with the secret of the link.
fn form(language: Language, token: &str, inputs: &str, button: Text) -> String {
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"token\" value=\"{}\">{inputs}<button>{}</button></form>",
        escaped(token),
        language.pick(button)
    )
}

/// What is wrong with a field, with what its text leaves open filled in.
fn reason(language: Language, error: &FieldError) -> String {
    let fill = |text: String, (name, value): &(&str, String)| text.replace(&format!("{{{name}}}"), value);
    let text = error.values.iter().fold(language.pick(error.detail).to_owned(), fill);
    format!("<p role=\"alert\">{}</p>", escaped(&text))
}

fn page(status: StatusCode, language: Language, (title, words): (&str, &str), more: &str) -> Raw {
    let tag = language.tag();
    let (title, words) = (escaped(title), escaped(words));
    let page = format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><h1>{title}</h1><p>{words}</p>{more}</body></html>"
    );
    let response = HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, tag))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy()))
        .body(page);
    Raw(response)
}

fn policy() -> String {
    use base64::Engine;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
    POLICY.replace("STYLE", &base64::engine::general_purpose::STANDARD.encode(digest))
}

/// Text that no browser takes for anything else.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}
