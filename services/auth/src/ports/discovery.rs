//! What a provider says of itself: asked for once by all who need it, kept for an hour, and for longer while it is away.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata,
};
use outbound::{Question, Site};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::provider::Failure;

/// How long it is believed without asking again: a little less at random, so that processes do not ask together.
const FRESH: Duration = Duration::from_secs(3600);
/// A key that it did not have is a reason to ask again, but not more often than this.
const AGAIN: Duration = Duration::from_secs(30);
/// While it cannot be asked, what it said is believed so long.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// Nobody asks so soon after somebody got no answer.
const PAUSE: Duration = Duration::from_secs(2);

/// What a provider says of itself, its keys among it.
pub type Metadata = ProviderMetadata<
    Advertised,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What it says beside what everybody says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Advertised {
    /// Whether whoever comes back from there brings its address along (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Advertised {}

/// Our HTTP client, as the protocol's library wants to be given one.
#[derive(Clone)]
pub struct Web(pub Site);

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = outbound::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, outbound::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let url = head.uri.to_string();
            let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
            let question = Question { method: head.method.as_str(), url: &url, headers, body };
            let reply = self.0.ask(question).await?;
            let mut response = openidconnect::http::Response::builder().status(reply.status);
            if let Some(kind) = &reply.content_type {
                response = response.header("content-type", kind);
            }
            response.body(reply.body).map_err(|e| outbound::Error::Malformed(e.to_string()))
        })
    }
}

/// What is known of one provider. One caller asks, the others wait for what he hears.
pub struct Discovery {
    issuer: String,
    web: Web,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    known: Option<Known>,
    failed: Option<Instant>,
}

struct Known {
    metadata: Arc<Metadata>,
    asked: Instant,
    fresh: Duration,
}

impl Discovery {
    /// Nothing yet of the provider at `issuer`.
    pub fn of(issuer: &str, web: Web) -> Self {
        Self { issuer: issuer.to_owned(), web, memory: Mutex::default() }
    }

    /// What it said not long ago, where nobody has to ask again.
    pub fn known(&self) -> Option<Arc<Metadata>> {
        let memory = self.memory.try_lock().ok()?;
        let known = memory.known.as_ref().filter(|known| known.asked.elapsed() < known.fresh)?;
        Some(known.metadata.clone())
    }

    /// What it says of itself.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Failure> {
        self.younger_than(None).await
    }

    /// The same, asked for again because it may have other keys now.
    pub async fn newer(&self) -> Result<Arc<Metadata>, Failure> {
        self.younger_than(Some(AGAIN)).await
    }

    async fn younger_than(&self, limit: Option<Duration>) -> Result<Arc<Metadata>, Failure> {
        let mut memory = self.memory.lock().await;
        let memory = &mut *memory;
        if let Some(known) = &memory.known
            && known.asked.elapsed() < limit.unwrap_or(known.fresh)
        {
            return Ok(known.metadata.clone());
        }
        if memory.failed.is_some_and(|failed| failed.elapsed() < PAUSE) {
            return memory.last().ok_or_else(|| Failure::Away("it did not answer a moment ago".into()));
        }
        match self.ask().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                let known = Known { metadata: metadata.clone(), asked: Instant::now(), fresh: jittered() };
                *memory = Memory { known: Some(known), failed: None };
                Ok(metadata)
            }
            Err(failure) => {
                memory.failed = Some(Instant::now());
                memory.last().ok_or(failure)
            }
        }
    }

    async fn ask(&self) -> Result<Metadata, Failure> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(Failure::away)?;
        let metadata = Metadata::discover_async(issuer, &self.web).await.map_err(Failure::away)?;
        if !self.web.0.may_name(metadata.authorization_endpoint().url()) {
            return Err(Failure::Away("it sends people to an address that is not public".into()));
        }
        Ok(metadata)
    }
}

impl Memory {
    fn last(&self) -> Option<Arc<Metadata>> {
        let known = self.known.as_ref().filter(|known| known.asked.elapsed() < STALE)?;
        Some(known.metadata.clone())
    }
}

/// Up to a tenth less than an hour.
fn jittered() -> Duration {
    let mut drawn = [0];
    // Without randomness it is the whole hour.
    let _whole_hour = aws_lc_rs::rand::fill(&mut drawn).is_err();
    let [byte] = drawn;
    FRESH - FRESH / 10 * u32::from(byte) / 255
}
