//! GET /auth/link-identity: the page that the mailed link leads to. It uses nothing up: mail scanners follow links.

use server::{Lang, Query, Raw, Refusal, get};

use crate::accounts::pages;
use crate::accounts::show_verify_email::Mailed;

/// A page with a button, which alone attaches the identity.
#[utoipa::path(tag = "auth", operation_id = "show_link_identity", security(()), params(Mailed),
    responses((status = 200, description = "A page with a button.", body = String, content_type = "text/html")))]
#[get("/auth/link-identity")]
pub async fn show_confirm(lang: Lang, query: Query<Mailed>) -> Result<Raw, Refusal> {
    Ok(pages::link_identity(lang.0, &query.token))
}
