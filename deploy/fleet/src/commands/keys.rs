//! Changes the key that signs tokens before its thirty days are over.

use auth::operate::rotate_keys;
use settings::Reader;

use super::beside::Beside;
use crate::failure::Failure;
use crate::place::Place;
use crate::say::say;
use crate::supervisor::block_on;

/// What auth is told of keys, where the launcher was.
const PASSED_ON: [&str; 1] = ["AUTH_SIGNING_ALG"];

/// Lets the next key sign now. A `compromised` one is forgotten, and whoever has its tokens refreshes them.
pub fn rotate(place: &Place, compromised: bool, env: Reader) -> Result<(), Failure> {
    block_on(async {
        let beside = Beside::auth(place, env, &PASSED_ON).await?;
        let kid = rotate_keys(beside.env(), beside.clock.clone(), compromised).await?;
        let old = if compromised { "the one before it is refused" } else { "the one before it goes on verifying" };
        say(format!("{kid} signs from now on; {old}"));
        Ok(())
    })
}
