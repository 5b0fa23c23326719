//! GET /auth/google/callback and GET /auth/oauth/{provider}/callback: the way back from a provider.

use problem::Problem;
use serde::Deserialize;
use server::{Data, Path, Query, Raw, Refusal, get};
use utoipa::IntoParams;

use super::browser::Browser;
use super::entrance::Entrance;
use super::journey::{self, Journey};
use super::landing::{self, Landing};
use super::{callback_address, rules};
use crate::codes::providers::{PROVIDER_REFUSED, STATE_INVALID};
use crate::identities::{self, Arrival};
use crate::ports::provider::{Provider, Tickets};
use crate::sessions::issue::TokensView;
use crate::state::State;

/// What a provider sends somebody back with.
#[derive(Deserialize, garde::Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// What the provider says who it is for.
    code: Option<String>,
    /// What he was sent there with.
    state: Option<String>,
    /// The provider's own address.
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Opens a session for whoever the provider says came back. An application gets a code for it instead, at the address
/// that it asked for; so it does a word for what went wrong.
#[utoipa::path(tag = "auth", operation_id = "return_from_provider", security(()),
    params(("provider" = String, Path, description = "Its name."), Back),
    responses((status = 200, description = "Both tokens.", body = TokensView),
        (status = 303, description = "Back to the application, with `code`, `link_code`, `linked` or `error`.")))]
#[get("/auth/oauth/{provider}/callback")]
pub async fn callback(
    state: Data<State>,
    provider: Path<String>,
    browser: Browser,
    back: Query<Back>,
) -> Result<Raw, Refusal> {
    come_back(&state, &provider, &browser, &back).await
}

/// The same from Google.
#[utoipa::path(tag = "auth", operation_id = "return_from_google", security(()), params(Back),
    responses((status = 200, description = "Both tokens.", body = TokensView),
        (status = 303, description = "Back to the application, with `code`, `link_code`, `linked` or `error`.")))]
#[get("/auth/google/callback")]
pub async fn callback_google(state: Data<State>, browser: Browser, back: Query<Back>) -> Result<Raw, Refusal> {
    come_back(&state, rules::GOOGLE, &browser, &back).await
}

async fn come_back(state: &State, provider: &str, browser: &Browser, back: &Back) -> Result<Raw, Refusal> {
    let provider = state.providers.named(provider)?;
    let (journey, tickets) = journey::arrive(state, &provider.config.name, browser, back.state.as_deref()).await?;
    let coming = Coming { state, provider, browser, journey: &journey };
    landing::answer(&journey, coming.land(back, &tickets).await)
}

struct Coming<'a> {
    state: &'a State,
    provider: &'a Provider,
    browser: &'a Browser,
    journey: &'a Journey,
}

impl Coming<'_> {
    async fn land(&self, back: &Back, tickets: &Tickets) -> Result<Landing, Problem> {
        if !self.provider.is_from_here(back.iss.as_deref()).await? {
            return Err(Problem::new(&STATE_INVALID));
        }
        if let Some(error) = &back.error {
            return Err(Problem::new(&PROVIDER_REFUSED).member("provider_error", rules::word(error)));
        }
        let code = back.code.as_deref().ok_or_else(|| Problem::new(&STATE_INVALID))?;
        let address = callback_address(&self.state.public_url, &self.provider.config.name);
        let person = self.provider.identify(&address, code, tickets, self.state.clock.now()).await?;
        let arrival = Arrival::of(self.provider, person, self.browser.language);
        match (self.journey.wish.owner, &self.journey.wish.code_challenge) {
            (Some(owner), Some(challenge)) => {
                identities::hold(self.state, &arrival, owner, challenge).await.map(Landing::Held)
            }
            (Some(owner), None) => {
                identities::attach(self.state, &arrival, owner, &self.browser.visitor).await.map(Landing::Linked)
            }
            (None, challenge) => {
                let (arrival, code_challenge) = (&arrival, challenge.as_deref());
                Entrance { state: self.state, browser: self.browser, arrival, code_challenge }.enter().await
            }
        }
    }
}
