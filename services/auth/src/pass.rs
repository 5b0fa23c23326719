//! Who may enter an account at all, whatever he proved.

use problem::Problem;

use crate::accounts::row::UserRow;
use crate::codes;
use crate::state::State;

/// Fine for an account that is open and whose address is proven, where that is asked for.
pub fn may_enter(state: &State, user: &UserRow) -> Result<(), Problem> {
    if !user.is_active {
        return Err(Problem::new(&codes::ACCOUNT_DISABLED));
    }
    if !user.is_verified && state.require_verified_email {
        return Err(Problem::new(&codes::EMAIL_NOT_VERIFIED));
    }
    Ok(())
}
