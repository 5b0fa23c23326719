//! POST /auth/mfa/recovery-codes: ten new ones.

use contracts::auth::RecoveryCodesRenewed;
use db::Tx;
use problem::Problem;
use serde::Serialize;
use server::{Answer, Caller, Data, answer, post};
use utoipa::ToSchema;

use super::recovery;
use crate::accounts::notices::{self, Notice};
use crate::accounts::owner;
use crate::history::{self, Kind};
use crate::sessions::Visitor;
use crate::state::State;
use crate::{codes, factors};

/// What is shown once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "recovery_codes": ["0123-4567-89AB-CDEF", "GHJK-MNPQ-RSTV-WXYZ"] }))]
pub struct RecoveryCodesView {
    /// Ten codes for who loses the app, each good once. They are not shown again.
    recovery_codes: Vec<String>,
}

/// Makes ten new recovery codes, for who showed a second factor within the last ten minutes. The old ones are void.
#[utoipa::path(tag = "auth", operation_id = "renew_recovery_codes", security(("bearer" = [])))]
#[post("/auth/mfa/recovery-codes")]
pub async fn renew_codes(state: Data<State>, who: Caller, visitor: Visitor) -> Answer<RecoveryCodesView> {
    owner::recently(&state, &who).await?;
    let renewal = &Renewal { state: &state, who: &who, visitor: &visitor };
    let _turn = state.turns.of(&who.id).await;
    let recovery_codes = state.db.tx(async |tx: &mut Tx| renewal.write(tx).await).await?;
    answer(RecoveryCodesView { recovery_codes })
}

struct Renewal<'a> {
    state: &'a State,
    who: &'a Caller,
    visitor: &'a Visitor,
}

impl Renewal<'_> {
    async fn write(&self, tx: &mut Tx) -> Result<Vec<String>, Problem> {
        let session = self.who.identity.session;
        let user = owner::locked(tx, self.who).await?;
        if !factors::of(tx, user.id).await?.any() {
            return Err(Problem::new(&codes::NO_SECOND_FACTOR));
        }
        let shown = recovery::renew(tx, &self.state.secrets, user.id).await?;
        outbox::emit(tx, &RecoveryCodesRenewed { user_id: user.id, sid: session }).await?;
        notices::mail(tx, Notice::RecoveryCodesRenewed, &user, &user.email).await?;
        history::note(tx, Kind::RecoveryCodesRenewed, Some(user.id), Some(session), self.visitor).await?;
        Ok(shown)
    }
}
