//! GET /auth/verify-email: the page that the mailed link leads to. It uses nothing up: mail scanners follow links.

use serde::Deserialize;
use server::{Lang, Query, Raw, Refusal, get};
use utoipa::IntoParams;

use super::pages;

/// The link.
#[derive(Deserialize, garde::Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct Mailed {
    /// The secret of the link.
    #[serde(default)]
    pub(crate) token: String,
}

impl Mailed {
    /// The secret of the link.
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// A page with a button, which alone proves the address.
#[utoipa::path(tag = "auth", operation_id = "show_verify_email", security(()), params(Mailed),
    responses((status = 200, description = "A page with a button.", body = String, content_type = "text/html")))]
#[get("/auth/verify-email")]
pub async fn show_verify_email(lang: Lang, query: Query<Mailed>) -> Result<Raw, Refusal> {
    Ok(pages::button(lang.0, &query.token))
}
