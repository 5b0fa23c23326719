//! What somebody logs in with: our JSON, or the form of OAuth 2 that Swagger and old clients send.

use problem::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::accounts::rules::{self, Identifier, Unfit};
use crate::codes;

/// An address or a name, and a password.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "email": "ada@example.org", "password": "sept-vaches-bleues", "device_name": "Portable" }))]
pub struct Credentials {
    /// The address; or else `username`.
    #[schema(max_length = 255)]
    pub email: Option<String>,
    /// The name, or the address.
    #[schema(max_length = 255)]
    pub username: Option<String>,
    /// The password.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    pub password: String,
    /// What to call this device.
    #[schema(max_length = 100)]
    pub device_name: Option<String>,
    /// Of the form: `password`.
    #[garde(pattern("^(password)?$"))]
    pub grant_type: Option<String>,
    /// Of the form; not looked at.
    pub scope: Option<String>,
    /// Of the form; not looked at.
    pub client_id: Option<String>,
    /// Of the form; not looked at.
    pub client_secret: Option<String>,
}

impl Credentials {
    /// Whom they name, and what the device is called.
    pub fn read(&self) -> Result<(Identifier, Option<String>), Problem> {
        let device = rules::line(self.device_name.as_deref().unwrap_or_default());
        let device = device.map_err(|unfit| codes::unfit(vec![("/device_name", unfit)]))?;
        let named = self.email.as_deref().or(self.username.as_deref()).filter(|text| !text.trim().is_empty());
        let named = named.ok_or_else(|| codes::unfit(vec![("/email", Unfit::NobodyNamed)]))?;
        Ok((rules::identifier(named), device))
    }
}
