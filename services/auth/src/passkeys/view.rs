//! How passkeys read.

use db::Ts;
use serde::Serialize;
use serde_json::{Value, json};
use server::Located;
use utoipa::ToSchema;
use uuid::Uuid;

use super::row::PasskeyRow;
use crate::sessions::issue::AccessView;

/// A passkey as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasskeyView {
    /// Its id.
    id: Uuid,
    /// What its owner calls it.
    #[schema(example = "Portable")]
    name: String,
    /// When it was made.
    created_at: Ts,
    /// When it was last shown.
    last_used_at: Option<Ts>,
    /// Whether it is kept somewhere else as well, so that it is not lost with its device.
    backed_up: bool,
}

/// A passkey that the account has now.
#[derive(Clone, Serialize, ToSchema)]
pub struct AddedView {
    /// The passkey.
    #[serde(flatten)]
    passkey: PasskeyView,
    /// With the first one: this session goes on, as one with a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<AccessView>,
}

/// What a browser is to be asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AskedView {
    /// To be sent with the answer, once and within five minutes; left out where the request had a token for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// For `navigator.credentials`, by way of `PublicKeyCredential.parseCreationOptionsFromJSON` or
    /// `parseRequestOptionsFromJSON`.
    #[serde(rename = "publicKey")]
    #[schema(value_type = Object)]
    pub public_key: Value,
}

impl AddedView {
    /// A new one, and what its session goes on with.
    pub fn of(row: PasskeyRow, session: Option<AccessView>) -> Self {
        Self { passkey: PasskeyView::from(row), session }
    }
}

impl Located for AddedView {
    fn location(&self) -> String {
        format!("/api/v1/auth/passkeys/{}", self.passkey.id)
    }
}

impl From<PasskeyRow> for PasskeyView {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            backed_up: row.backed_up,
        }
    }
}

/// What a browser answers that made a passkey, for the document: of that form, and of no use.
pub(crate) fn made_example() -> Value {
    json!({
        "id": "3q2-7w", "rawId": "3q2-7w", "type": "public-key", "clientExtensionResults": {},
        "response": { "attestationObject": "3q2-7w", "clientDataJSON": "3q2-7w", "transports": ["internal"] },
    })
}

/// The same of one that was shown a passkey.
pub(crate) fn shown_example() -> Value {
    json!({
        "id": "3q2-7w", "rawId": "3q2-7w", "type": "public-key", "clientExtensionResults": {},
        "response": {
            "authenticatorData": "3q2-7w", "clientDataJSON": "3q2-7w", "signature": "3q2-7w",
            "userHandle": "AZcAAAAAcACAAAAAAAAAAQ",
        },
    })
}
