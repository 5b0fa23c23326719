//! One OpenID provider: where people are sent to, and who it says they are when they come back.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, LocalizedClaim, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse, UserInfoError,
};
use outbound::Site;
use settings::ExposeSecret;
use tokio::sync::Semaphore;
use url::Url;

use super::discovery::{Discovery, Metadata, Web};
use crate::config::ProviderConfig;

/// For all that it is asked while one caller waits.
const PATIENCE: Duration = Duration::from_secs(8);
/// So many callers wait for one provider at once, and no more: one that hangs is not to take the places of those who
/// sign in otherwise.
const PLACES: usize = 8;
/// How long somebody waits for such a place.
const QUEUE: Duration = Duration::from_millis(100);

/// What an ID token may be signed by: its keys are public ones, and `none` is no signature.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why a provider did not tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot be reached, or its answers make no sense.
    #[error("the provider cannot be asked: {0}")]
    Away(String),
    /// What it says of somebody cannot be believed.
    #[error("the provider is not believed: {0}")]
    Invalid(String),
    /// It does not take what somebody brought back from there.
    #[error("the provider refused: {0}")]
    Refused(String),
}

/// What one journey there and back is told apart by. All are secrets until it is over.
#[derive(Clone)]
pub struct Tickets {
    /// Comes back with whoever went.
    pub state: String,
    /// Comes back inside the ID token.
    pub nonce: String,
    /// Shown when the code is exchanged (RFC 7636).
    pub verifier: String,
}

/// Whom a provider says somebody to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Known by this there, for ever.
    pub subject: String,
    /// The address, as it is written there.
    pub email: Option<String>,
    /// Whether the provider had it proven.
    pub email_verified: bool,
    /// A name in full.
    pub full_name: Option<String>,
    /// Where a picture is.
    pub picture: Option<String>,
}

/// A provider that configuration names.
pub struct Provider {
    /// What configuration says of it.
    pub config: ProviderConfig,
    web: Web,
    discovery: Discovery,
    places: Semaphore,
}

impl Failure {
    /// It cannot be asked, because of this and what is behind it.
    pub fn away(error: impl Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Self::Away(text)
    }

    fn invalid(error: impl Error) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl Provider {
    /// The provider of this configuration, whose issuer is an address.
    pub fn new(config: ProviderConfig) -> Result<Self, url::ParseError> {
        let web = Web(Site::new(&config.name, &Url::parse(&config.issuer)?));
        let discovery = Discovery::of(&config.issuer, web.clone());
        Ok(Self { config, web, discovery, places: Semaphore::new(PLACES) })
    }

    /// Where somebody is sent, who is to be sent back to `callback`.
    pub async fn authorization(&self, callback: &str, tickets: &Tickets) -> Result<Url, Failure> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata, callback)?;
        let (state, nonce) = (CsrfToken::new(tickets.state.clone()), Nonce::new(tickets.nonce.clone()));
        let verifier = PkceCodeVerifier::new(tickets.verifier.clone());
        let scopes = self.config.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Fine where whoever came back brings this provider's address, or none and it never gives one (RFC 9207).
    pub async fn is_from_here(&self, issuer: Option<&str>) -> Result<bool, Failure> {
        match issuer {
            Some(issuer) => Ok(issuer == self.config.issuer),
            None => {
                let metadata = self.metadata().await?;
                Ok(!metadata.additional_metadata().authorization_response_iss_parameter_supported)
            }
        }
    }

    /// Who it says brought back this code, at `now`. The code is asked for once, whatever becomes of the answer.
    pub async fn identify(
        &self,
        callback: &str,
        code: &str,
        tickets: &Tickets,
        now: Timestamp,
    ) -> Result<Person, Failure> {
        self.patiently(self.identified(callback, code, tickets, now)).await
    }

    /// What it says of itself. Whoever need not ask for it waits for nobody.
    async fn metadata(&self) -> Result<Arc<Metadata>, Failure> {
        match self.discovery.known() {
            Some(metadata) => Ok(metadata),
            None => self.patiently(self.discovery.metadata()).await,
        }
    }

    /// All that a caller waits for, once there is a place for him.
    async fn patiently<T>(&self, asked: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let place = tokio::time::timeout(QUEUE, self.places.acquire()).await;
        let Ok(Ok(_place)) = place else { return Err(Failure::Away("too many wait for it".into())) };
        let late = |_| Err(Failure::Away("no answer in time".into()));
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(late)
    }

    async fn identified(
        &self,
        callback: &str,
        code: &str,
        tickets: &Tickets,
        now: Timestamp,
    ) -> Result<Person, Failure> {
        let metadata = self.discovery.metadata().await?;
        let client = self.client(&metadata, callback)?;
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(Failure::away)?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(tickets.verifier.clone()));
        let tokens = exchange.request_async(&self.web).await.map_err(not_exchanged)?;
        let id_token = tokens.id_token().ok_or_else(|| Failure::Invalid("it gave no ID token".into()))?;
        let access = tokens.access_token();
        if !access.secret().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Failure::Invalid("its access token is none".into()));
        }
        let shown = Shown { id_token, access, nonce: Nonce::new(tickets.nonce.clone()), now };
        let claims = match shown.verified(&client) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let metadata = self.discovery.newer().await?;
                shown.verified(&self.client(&metadata, callback)?)
            }
            judged => judged,
        };
        let claims = claims.map_err(Failure::invalid)?;
        self.completed(&client, access, claims).await
    }

    /// What the ID token says; what it leaves out is looked up, where the provider lets it be.
    async fn completed(
        &self,
        client: &Client,
        access: &AccessToken,
        claims: &CoreIdTokenClaims,
    ) -> Result<Person, Failure> {
        let mut person = Person {
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or_default(),
            full_name: told(claims.name()),
            picture: told(claims.picture()),
        };
        if person.email.is_some() && claims.email_verified().is_some() {
            return Ok(person);
        }
        let Ok(question) = client.user_info(access.clone(), Some(claims.subject().clone())) else { return Ok(person) };
        // What does not make sense may be somebody's address: only that it does not is told.
        let unread = |error: UserInfoError<outbound::Error>| Failure::Away(error.to_string());
        let more: CoreUserInfoClaims = question.request_async(&self.web).await.map_err(unread)?;
        person.email = more.email().map(|email| email.to_string());
        person.email_verified = more.email_verified().unwrap_or_default();
        person.full_name = person.full_name.or_else(|| told(more.name()));
        person.picture = person.picture.or_else(|| told(more.picture()));
        Ok(person)
    }

    fn client(&self, metadata: &Metadata, callback: &str) -> Result<Client, Failure> {
        let id = ClientId::new(self.config.client_id.clone());
        let secret = ClientSecret::new(self.config.client_secret.expose_secret().to_owned());
        let callback = RedirectUrl::new(callback.to_owned()).map_err(Failure::away)?;
        let methods = metadata.token_endpoint_auth_methods_supported();
        let by_body = methods.is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret)).set_redirect_uri(callback);
        Ok(if by_body { client.set_auth_type(AuthType::RequestBody) } else { client })
    }
}

/// An ID token that a provider gave, beside its access token.
struct Shown<'t> {
    id_token: &'t CoreIdToken,
    access: &'t AccessToken,
    nonce: Nonce,
    now: Timestamp,
}

impl<'t> Shown<'t> {
    /// What it says: signed by the provider, for us, for this journey, and not too long ago.
    fn verified(&self, client: &Client) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
        let now = self.now;
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let verifier = verifier.set_time_fn(move || SystemTime::from(now).into());
        let claims = self.id_token.claims(&verifier, &self.nonce)?;
        if claims.authorized_party().is_some_and(|party| party != client.client_id()) {
            return Err(ClaimsVerificationError::InvalidAudience("it was made for another party".into()));
        }
        if let Some(expected) = claims.access_token_hash() {
            let wrong = |why: String| ClaimsVerificationError::Other(why);
            let algorithm = self.id_token.signing_alg().map_err(ClaimsVerificationError::SignatureVerification)?;
            let key = self.id_token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
            let hash = AccessTokenHash::from_token(self.access, algorithm, key).map_err(|e| wrong(e.to_string()))?;
            if hash != *expected {
                return Err(wrong("it came with another access token".into()));
            }
        }
        Ok(claims)
    }
}

/// A code that is none is whoever's fault who brought it; all else is the provider's.
fn not_exchanged(
    error: RequestTokenError<outbound::Error, openidconnect::StandardErrorResponse<CoreErrorResponseType>>,
) -> Failure {
    match &error {
        RequestTokenError::ServerResponse(answer) if *answer.error() == CoreErrorResponseType::InvalidGrant => {
            Failure::Refused("it does not know the code".into())
        }
        RequestTokenError::ServerResponse(answer) => Failure::Away(format!("it answers {}", answer.error())),
        // The answer itself may hold a token.
        RequestTokenError::Parse(error, _) => Failure::Away(format!("its answer makes no sense at {}", error.path())),
        _ => Failure::away(error),
    }
}

/// A text in the language that is nobody's in particular.
fn told<T: std::ops::Deref<Target = String>>(claim: Option<&LocalizedClaim<T>>) -> Option<String> {
    claim?.get(None).map(|text| (**text).clone())
}
