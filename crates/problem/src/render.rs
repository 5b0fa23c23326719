//! From a problem to bytes.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{Language, Problem};

/// A problem as it goes out.
#[derive(Debug)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// Headers, `content-type` among them.
    pub headers: Vec<(&'static str, String)>,
    /// An `application/problem+json` document.
    pub body: Vec<u8>,
}

impl Problem {
    /// The answer in `language`. `instance` is the path that was asked for, without its query.
    pub fn render(&self, language: Language, request_id: &str, instance: &str) -> Rendered {
        let parts = &self.0;
        let code = parts.code;
        let mut body = Map::new();
        let type_uri =
            code.type_uri.map_or_else(|| format!("/problems/{}", code.code.replace('_', "-")), str::to_owned);
        body.insert("type".into(), type_uri.into());
        body.insert("title".into(), filled(language.pick(code.title), &parts.values).into());
        body.insert("status".into(), code.status.into());
        body.insert("detail".into(), filled(language.pick(code.detail), &parts.values).into());
        body.insert("instance".into(), instance.into());
        body.insert("code".into(), code.code.into());
        body.insert("request_id".into(), request_id.into());
        if !parts.errors.is_empty() {
            let errors = parts.errors.iter().map(|error| {
                let detail = filled(language.pick(error.detail), &error.values);
                json!({ "pointer": error.pointer, "code": error.code, "detail": detail })
            });
            body.insert("errors".into(), errors.collect());
        }
        for (name, value) in &parts.members {
            body.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        let mut headers = vec![
            ("content-type", "application/problem+json".to_owned()),
            ("content-language", language.tag().to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        headers.extend(parts.headers.iter().cloned());
        if code.status == 401 && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("www-authenticate")) {
            // RFC 9110 §15.5.2: a 401 says how to authenticate.
            headers.push(("www-authenticate", "Bearer".to_owned()));
        }
        Rendered { status: code.status, headers, body: Value::Object(body).to_string().into_bytes() }
    }
}

/// `text` with each `{name}` replaced; a name without a value stays as it is.
fn filled<'t>(text: &'t str, values: &[(&'static str, String)]) -> Cow<'t, str> {
    if values.is_empty() || !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, tail)| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (value, tail)));
        match known {
            Some((value, tail)) => {
                filled.push_str(value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}
