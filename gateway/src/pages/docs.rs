//! Swagger UI over the merged description, served from this binary.

use std::sync::Arc;

use http::HeaderValue;
use utoipa_swagger_ui::{Config, serve};

use super::Written;

/// Its own files, the description, and what it draws itself; nothing from elsewhere, no inline script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'self'; frame-ancestors 'none'";

/// A file of Swagger UI; the page itself for its folder.
pub(crate) fn docs(file: &str) -> Option<Written> {
    let file = if file == "docs" { "index.html" } else { file };
    let config = Config::from("/api/v1/openapi.json").try_it_out_enabled(true).persist_authorization(false);
    let found = serve(file, Arc::new(config)).ok()??;
    if file == "index.html" {
        // Its files are named relative to a folder, and this page is not one.
        let page = String::from_utf8_lossy(&found.bytes).replace("<head>", "<head><base href=\"/api/docs/\">");
        return Some(Written::html(page, POLICY));
    }
    let mut written = Written::new(200, "application/octet-stream", found.bytes.into_owned()).cached(3_600);
    written.kind = HeaderValue::try_from(found.content_type).ok()?;
    Some(written)
}
