//! Letting somebody in who proved who he is: at once, or where the account has a second factor, once that is shown.
//!
//! Whoever logs somebody in, by whatever he proved, comes by here: none opens a session by himself.

use db::Tx;
use problem::Problem;
use server::{Answer, AnswerExt, answer};

use super::begin::{Begun, Entry, begin};
use super::issue::TokensView;
use crate::challenges::{self, Challenged};
use crate::history::{self, Kind};
use crate::state::State;
use crate::{devices, factors};

/// What became of a login.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and most are open")]
pub enum Admission {
    /// The session is open.
    Open(Begun),
    /// A second factor is still to be shown.
    Challenged(Challenged),
}

/// Opens the session, or poses a challenge where the account has a second factor and `entry.amr` does not say that one
/// was shown. The account is locked. Its owner can read of the challenge: whoever did not go on knows the password.
pub async fn admit(tx: &mut Tx, state: &State, entry: Entry<'_>) -> Result<Admission, Problem> {
    let user = entry.account.user.id;
    let factors = factors::of(tx, user).await?;
    if !factors.any() || entry.amr.contains(&authn::SECOND_FACTOR) {
        return Ok(Admission::Open(begin(tx, &state.secrets, entry).await?));
    }
    history::note(tx, Kind::MfaAsked, Some(user), None, entry.visitor).await?;
    Ok(Admission::Challenged(challenges::pose(tx, &entry, factors).await?))
}

impl Admission {
    /// The tokens, and the cookie of the device; or what is still to be shown.
    pub fn answer(self, state: &State) -> Answer<TokensView> {
        match self {
            Self::Open(begun) => begun.answer(state),
            Self::Challenged(challenged) => Err(challenged.into()),
        }
    }
}

impl Begun {
    /// The tokens, and the cookie of the device.
    pub fn answer(self, state: &State) -> Answer<TokensView> {
        let Self { open, device } = self;
        answer(open.tokens(state, state.clock.now())?).header("set-cookie", devices::cookie::write(&device))
    }
}
