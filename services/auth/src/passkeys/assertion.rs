//! Judging a passkey that was shown.
//!
//! By its row, locked, so that of two that show the same counter one is refused. Whoever locks an account and a passkey
//! locks the account first.

use contracts::UserId;
use db::Tx;
use serde_json::Value;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

use super::relying_party::{RelyingParty, read, written};
use super::unproven::{Refused, Unproven};
use super::{queries, rules};
use crate::accounts;
use crate::accounts::row::UserRow;

/// What a browser showed.
#[derive(Clone, Copy)]
pub struct Assertion<'a> {
    /// Its answer.
    pub credential: &'a PublicKeyCredential,
    /// What that is judged by.
    pub asked: &'a Value,
    /// Whose passkey it has to be; nobody's in particular where somebody signs in by it alone.
    pub owner: Option<UserId>,
}

/// Somebody who proved himself by a passkey.
pub struct Proven {
    /// The account, which is locked.
    pub user: UserRow,
    /// What he proved himself by (RFC 8176).
    pub amr: [&'static str; 3],
}

impl Assertion<'_> {
    /// Who it proves, with its counter written down.
    pub async fn prove(self, tx: &mut Tx, relying_party: &RelyingParty) -> Result<Proven, Unproven> {
        let Self { credential, asked, owner } = self;
        let id = credential.get_credential_id();
        let unknown = || Refused::passkey("unknown_passkey", owner);
        let holder = queries::owner_of(tx, id).await?.ok_or_else(unknown)?;
        if owner.is_some_and(|owner| owner != holder) || !self.names(holder) {
            return Err(Refused::passkey("other_account", owner).into());
        }
        if self.was_framed() {
            return Err(Refused::passkey("other_origin", Some(holder)).into());
        }
        let user = accounts::locked(tx, holder).await?.ok_or_else(unknown)?;
        let row = queries::locked(tx, holder, id).await?.ok_or_else(unknown)?;
        let mut passkey: Passkey = read(row.credential)?;
        let shown = relying_party.judge(credential, asked.clone(), &passkey, holder)?;
        passkey.update_credential(&shown);
        let (credential, now) = (written(&passkey)?, tx.now());
        queries::note_use(tx, row.id, &credential, shown.backup_state(), now).await?;
        Ok(Proven { user, amr: rules::methods(shown.backup_eligible()) })
    }

    /// Whether our page was inside a page of another site, which the library only asks of new passkeys.
    fn was_framed(&self) -> bool {
        let said: Option<Value> = serde_json::from_slice(&self.credential.response.client_data_json).ok();
        said.is_some_and(|said| said.get("crossOrigin") == Some(&Value::Bool(true)))
    }

    /// Whether the device names this account. One that was told whose passkeys to look for may leave it out.
    fn names(&self, holder: UserId) -> bool {
        match self.credential.get_user_unique_id() {
            Some(named) => named == holder.0.as_bytes(),
            None => self.owner.is_some(),
        }
    }
}
