//! The few pages that people see, without scripts: what their address bar holds must not leak by a request of ours.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use problem::{Language, Problem, Text};
use server::Raw;

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}\
button{font:inherit;padding:.6em 1.2em;border:0;border-radius:.4em;background:#1b5e20;color:#fff;cursor:pointer}";

/// Nothing is loaded, nothing runs, the form goes to us, and nobody frames it. The hash is that of [`STYLE`].
const POLICY: &str = "default-src 'none'; style-src 'sha256-STYLE'; form-action 'self'; base-uri 'none'; \
frame-ancestors 'none'";

/// Whether a form was sent, as browsers do.
pub fn came_from_a_page(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// The button that proves an address.
pub fn button(language: Language, token: &str) -> Raw {
    let title = Text::new("Vérifier mon adresse", "Verify my address");
    let words =
        Text::new("Un clic, et votre adresse e-mail est vérifiée.", "One click, and your e-mail address is verified.");
    let form = format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"token\" value=\"{}\"><button>{}</button></form>",
        escaped(token),
        language.pick(title)
    );
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), &form)
}

/// What is said once it is proven.
pub fn verified(language: Language) -> Raw {
    let title = Text::new("Adresse vérifiée", "Address verified");
    let words = Text::new("C'est fait. Vous pouvez vous connecter.", "It is done. You can sign in.");
    page(StatusCode::OK, language, (language.pick(title), language.pick(words)), "")
}

/// What is said when a link does not work.
pub fn refused(language: Language, problem: &Problem) -> Raw {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let code = problem.code();
    page(status, language, (language.pick(code.title), language.pick(code.detail)), "")
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
