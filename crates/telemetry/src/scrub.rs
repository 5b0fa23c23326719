//! What a log may not carry: tokens, passwords, mail addresses. The last net, not a licence to log them.

use std::borrow::Cow;

/// Stands for what is not said.
pub(crate) const HIDDEN: &str = "[hidden]";

/// Fields whose value is never written, by the last word of their name.
const SECRET_NAMES: &[&str] =
    &["authorization", "body", "code", "cookie", "email", "key", "mail", "otp", "password", "secret", "token"];

/// Whether a field of this name is never written.
pub(crate) fn is_secret(name: &str) -> bool {
    let last = name.rsplit(['.', '_']).next().unwrap_or(name);
    SECRET_NAMES.contains(&last) && !matches!(name, "code" | "error.code" | "http.code")
}

/// `text` with every word hidden that looks like a token, a credential or a mail address.
pub(crate) fn scrubbed(text: &str) -> Cow<'_, str> {
    let suspect = text.bytes().any(|b| b == b'@') || text.contains("eyJ") || text.contains("earer ");
    if !suspect {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut after_bearer = false;
    let inner = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')' | '<' | '>' | '=' | '&' | '[' | ']')
    };
    for piece in text.split_inclusive(inner) {
        let word = piece.trim_end_matches(inner);
        let hidden = after_bearer || (word.contains('@') && word.len() > 2) || word.contains("eyJ");
        clean.push_str(if hidden && !word.is_empty() { HIDDEN } else { word });
        clean.push_str(piece.get(word.len()..).unwrap_or_default());
        after_bearer = word.eq_ignore_ascii_case("bearer") || (after_bearer && word.is_empty());
    }
    Cow::Owned(clean)
}
