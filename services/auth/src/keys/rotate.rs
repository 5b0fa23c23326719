//! Keeping the keys as they should be, by the clock or by an operator's wish.

use authn::{Algorithm, Keys};
use contracts::auth::KeysRotated;
use db::{Db, Tx};
use jiff::Timestamp;

use super::ring::{Keyring, Unusable};
use super::row::KeyRow;
use super::rules::{self, State, Step};
use super::{make, queries};
use crate::secrets::Secrets;

/// Whose keys.
#[derive(Clone)]
pub struct Rotation {
    /// The database.
    pub db: Db,
    /// What they are sealed with.
    pub secrets: Secrets,
    /// What new ones sign with.
    pub algorithm: Algorithm,
}

/// Why the keys are not as they should be.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A new key.
    #[error(transparent)]
    Make(#[from] make::Failed),
    /// A stored key.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// More steps than there can be at once.
const STEPS: usize = 8;

impl Rotation {
    /// Does what is due, then takes the keys over; answers what tokens are verified with.
    pub async fn keep_up(&self, keyring: &Keyring) -> Result<Keys, Failed> {
        for _ in 0..STEPS {
            let mut conn = self.db.conn().await?;
            let rows = queries::all(&mut conn).await?;
            drop(conn);
            if self.due(&rows, self.db.clock().now()).is_none() {
                return Ok(keyring.load(&rows, &self.secrets)?);
            }
            self.step().await?;
        }
        self.load(keyring).await
    }

    /// Takes the keys over as they are.
    pub async fn load(&self, keyring: &Keyring) -> Result<Keys, Failed> {
        let mut conn = self.db.conn().await?;
        let rows = queries::all(&mut conn).await?;
        Ok(keyring.load(&rows, &self.secrets)?)
    }

    /// An operator's wish: the next key signs now, though not everybody may have it yet, and the one after it is made.
    /// The key that signed goes on verifying unless it is `compromised`. Answers the id of the key that signs.
    pub async fn now(&self, compromised: bool) -> Result<String, Failed> {
        self.db
            .tx(async |tx: &mut Tx| -> Result<String, Failed> {
                let now = tx.now();
                let rows = queries::locked(tx).await?;
                if !rows.iter().any(|row| row.state() == Some(State::Next)) {
                    queries::insert(tx, &make::key(self.algorithm, &self.secrets, false, now)?).await?;
                }
                let kid = self.promote(tx).await?;
                let stolen = rows.iter().filter(|row| compromised && row.state() == Some(State::Active));
                for row in stolen {
                    queries::delete(tx, &row.kid).await?;
                }
                Ok(kid)
            })
            .await
    }

    fn due<'a>(&self, rows: &'a [KeyRow], now: Timestamp) -> Option<Step<'a>> {
        let wished = make::name(self.algorithm);
        let known: Vec<_> = rows.iter().filter_map(|row| row.known(wished)).collect();
        rules::due(&known, now)
    }

    /// One step. Where another process took it meanwhile there is nothing to do.
    async fn step(&self) -> Result<(), Failed> {
        let taken = self.db.tx(async |tx: &mut Tx| self.take_step(tx).await).await;
        match taken {
            Err(Failed::Db(db::Error::Constraint { .. } | db::Error::Missing)) => Ok(()),
            taken => taken,
        }
    }

    async fn take_step(&self, tx: &mut Tx) -> Result<(), Failed> {
        let now = tx.now();
        let rows = queries::locked(tx).await?;
        match self.due(&rows, now) {
            None => {}
            Some(Step::MakeFirst) => {
                let key = make::key(self.algorithm, &self.secrets, true, now)?;
                queries::insert(tx, &key).await?;
                tell(tx, key.kid).await?;
            }
            Some(Step::MakeNext) => {
                queries::insert(tx, &make::key(self.algorithm, &self.secrets, false, now)?).await?;
            }
            Some(Step::Promote) => {
                let kid = self.promote(tx).await?;
                tracing::info!(kid, "another key signs from now on");
            }
            Some(Step::Drop(kid)) => queries::delete(tx, kid).await?,
        }
        Ok(())
    }

    async fn promote(&self, tx: &mut Tx) -> Result<String, Failed> {
        let now = tx.now();
        queries::retire(tx, now).await?;
        let kid = queries::activate(tx, now).await?;
        tell(tx, kid.clone()).await?;
        Ok(kid)
    }
}

async fn tell(tx: &mut Tx, kid: String) -> db::Result<()> {
    let not_before = tx.now();
    outbox::emit(tx, &KeysRotated { kid, not_before }).await.map(drop)
}
