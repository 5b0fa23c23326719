//! What a kind of refusal means, for whoever follows the `type` of a problem document.

use problem::{Code, Language, codes};

use super::Written;

const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The page of a kind of refusal.
pub(crate) fn problem(slug: &str, language: Language) -> Option<Written> {
    let code = known().find(|code| code.code.replace('_', "-") == slug)?;
    let text = |text| language.pick(text);
    let page = format!(
        "<!doctype html><html lang=\"{tag}\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{status} · {title}</h1><p>{detail}</p><p><code>{code}</code></p></html>\n",
        tag = language.tag(),
        title = text(code.title),
        status = code.status,
        detail = general(text(code.detail)),
        code = code.code,
    );
    Some(Written::html(page, POLICY).cached(3_600))
}

fn known() -> impl Iterator<Item = &'static Code> {
    codes::ALL.iter().chain([&&codes::QUOTA_EXCEEDED]).chain(crate::codes::ALL).copied()
}

/// A text that is filled in for each refusal, without what it is filled with.
fn general(text: &str) -> String {
    let mut general = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        general.push_str(before);
        general.push('…');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    general.push_str(rest);
    general
}
