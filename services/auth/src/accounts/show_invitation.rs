//! GET /auth/accept-invitation: the page that the mailed link leads to. It uses nothing up: mail scanners follow links.

use server::{Lang, Query, Raw, Refusal, get};

use super::pages;
use super::show_verify_email::Mailed;

/// A page that asks for a first password.
#[utoipa::path(tag = "auth", operation_id = "show_invitation", security(()), params(Mailed),
    responses((status = 200, description = "A page with a form.", body = String, content_type = "text/html")))]
#[get("/auth/accept-invitation")]
pub async fn show_invitation(lang: Lang, query: Query<Mailed>) -> Result<Raw, Refusal> {
    Ok(pages::first_password(lang.0, &query.token, None))
}
