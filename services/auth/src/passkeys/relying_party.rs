//! Our side of WebAuthn: it asks browsers, and judges what they answer. It knows no table.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::UserId;
use problem::{Problem, codes::INTERNAL};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::unproven::{Refused, Unproven};
use crate::accounts::row::UserRow;

/// What browsers call us.
const NAME: &str = "Jolmood";
/// The most bytes of what browsers call a passkey (WebAuthn §4).
const LONGEST_ID: usize = 1023;

/// Our side of WebAuthn. Clones are one.
#[derive(Clone)]
pub struct RelyingParty(Arc<Webauthn>);

/// What a browser is asked.
pub struct Asked {
    /// What it is given, as JSON that it reads itself.
    pub options: Value,
    /// What its answer is judged by: not for its eyes.
    pub state: Value,
}

impl RelyingParty {
    /// That of the domain `id`, for pages of these origins alone; or what is wrong with them.
    pub fn new(id: &str, origins: &[Url]) -> Result<Self, String> {
        let belongs = |origin: &Url| {
            let domain = origin.domain().unwrap_or_default();
            domain == id || domain.strip_suffix(id).is_some_and(|before| before.ends_with('.'))
        };
        let Some((first, others)) = origins.split_first().filter(|_| !id.is_empty() && origins.iter().all(belongs))
        else {
            return Err("AUTH_PASSKEY_RP_ID must be the domain of each of AUTH_PASSKEY_ORIGINS, or one above it; \
                        an IP address is none (without them, PUBLIC_URL says both)"
                .into());
        };
        let builder = WebauthnBuilder::new(id, first).map_err(|e| format!("AUTH_PASSKEY_RP_ID: {e}"))?;
        let builder = others.iter().fold(builder.rp_name(NAME), WebauthnBuilder::append_allowed_origin);
        let webauthn = builder.build().map_err(|e| format!("AUTH_PASSKEY_RP_ID: {e}"))?;
        Ok(Self(Arc::new(webauthn)))
    }

    /// Asks for a new passkey of an account, other than those that it has. It has to be one that is found without a
    /// name, so that it may be the only way in.
    pub fn ask_for_new(&self, user: &UserRow, called: &str, known: Vec<Vec<u8>>) -> Result<Asked, Problem> {
        let asked = self.0.start_passkey_registration(user.id.0, &user.email, called, Some(known));
        let (asked, state) = asked.map_err(internal)?;
        let mut options = written(&asked.public_key)?;
        // The library itself only makes those that need a name.
        if let Some(Value::Object(selection)) = options.get_mut("authenticatorSelection") {
            selection.insert("residentKey".into(), "required".into());
            selection.insert("requireResidentKey".into(), true.into());
        }
        Ok(Asked { options, state: written(&state)? })
    }

    /// The passkey that a browser made, if it is one that it was asked for.
    pub fn accept(
        &self,
        answer: &RegisterPublicKeyCredential,
        state: Value,
        user: UserId,
    ) -> Result<Passkey, Unproven> {
        let state: PasskeyRegistration = read(state)?;
        let made = self.0.finish_passkey_registration(answer, &state);
        let made = made.map_err(|error| Refused::passkey(why(&error), Some(user)))?;
        let fits = (1..=LONGEST_ID).contains(&made.cred_id().len());
        if fits { Ok(made) } else { Err(Refused::passkey("unfit", Some(user)).into()) }
    }

    /// Asks to be shown one of these passkeys, or any of ours where none is named.
    pub fn ask_for(&self, known: &[Vec<u8>]) -> Result<Asked, Problem> {
        let (asked, state) = self.0.start_discoverable_authentication().map_err(internal)?;
        let mut options = written(&asked.public_key)?;
        let named = known.iter().map(|id| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) }));
        if let Value::Object(options) = &mut options {
            options.insert("allowCredentials".into(), named.collect());
        }
        Ok(Asked { options, state: written(&state)? })
    }

    /// Whether a browser showed this passkey, which is as it is now: its counter has to have grown since.
    pub fn judge(
        &self,
        answer: &PublicKeyCredential,
        state: Value,
        passkey: &Passkey,
        user: UserId,
    ) -> Result<AuthenticationResult, Unproven> {
        let state: DiscoverableAuthentication = read(state)?;
        let shown = self.0.finish_discoverable_authentication_v2(answer, state, passkey);
        shown.map_err(|error| Refused::passkey(why(&error), Some(user)).into())
    }
}

/// As it is stored.
pub fn written(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(internal)
}

/// As it was stored.
pub fn read<T: DeserializeOwned>(stored: Value) -> Result<T, Problem> {
    serde_json::from_value(stored).map_err(internal)
}

/// Why an answer is refused, in a word.
fn why(error: &WebauthnError) -> &'static str {
    match error {
        WebauthnError::MismatchedChallenge => "other_challenge",
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => "other_origin",
        WebauthnError::InvalidRPIDHash => "other_site",
        WebauthnError::CredentialPossibleCompromise => "counter_went_back",
        WebauthnError::UserNotPresent | WebauthnError::UserNotVerified => "user_not_verified",
        WebauthnError::AuthenticationFailure | WebauthnError::SignatureInvalid => "bad_signature",
        _ => "unfit",
    }
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(&INTERNAL).because(error)
}
