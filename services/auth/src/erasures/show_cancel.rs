//! GET /auth/erasures/{id}/cancel: the page that the mailed link leads to. It takes nothing back: mail scanners follow
//! links.

use contracts::ErasureId;
use server::{Lang, Path, Query, Raw, Refusal, get};

use crate::accounts::pages;
use crate::accounts::show_verify_email::Mailed;

/// A page with a button, which alone takes the erasure back.
#[utoipa::path(tag = "auth", operation_id = "show_cancel_erasure", security(()),
    params(("id" = ErasureId, Path, description = "The erasure."), Mailed),
    responses((status = 200, description = "A page with a button.", body = String, content_type = "text/html")))]
#[get("/auth/erasures/{id}/cancel")]
pub async fn show_cancel(lang: Lang, _id: Path<ErasureId>, query: Query<Mailed>) -> Result<Raw, Refusal> {
    Ok(pages::keep_account(lang.0, query.token()))
}
