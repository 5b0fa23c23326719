//! GET /auth/change-email/confirm: the page that the mailed link leads to. It uses nothing up: mail scanners follow
//! links.

use server::{Lang, Query, Raw, Refusal, get};

use super::pages;
use super::show_verify_email::Mailed;

/// A page with a button, which alone gives the account its new address.
#[utoipa::path(tag = "auth", operation_id = "show_change_email", security(()), params(Mailed),
    responses((status = 200, description = "A page with a button.", body = String, content_type = "text/html")))]
#[get("/auth/change-email/confirm")]
pub async fn show_change_email(lang: Lang, query: Query<Mailed>) -> Result<Raw, Refusal> {
    Ok(pages::new_address(lang.0, &query.token))
}
