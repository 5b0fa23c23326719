//! GET /auth/mfa: what is on.

use serde::Serialize;
use server::{Answer, Caller, Data, answer, get};
use utoipa::ToSchema;

use super::Factors;
use crate::accounts::owner;
use crate::state::State;

/// The second factors of an account.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "totp": true, "passkeys": 0, "recovery_codes": 10 }))]
pub struct FactorsView {
    /// Whether an app is on.
    totp: bool,
    /// How many passkeys there are.
    passkeys: i64,
    /// How many recovery codes are left.
    recovery_codes: i64,
}

/// Shows what a login of the caller's account asks for beside the password.
#[utoipa::path(tag = "auth", operation_id = "show_second_factors", security(("bearer" = [])))]
#[get("/auth/mfa")]
pub async fn show(state: Data<State>, who: Caller) -> Answer<FactorsView> {
    let Factors { totp, passkeys, recovery_codes } = owner::factors(&state, who.id).await?;
    answer(FactorsView { totp, passkeys, recovery_codes })
}
