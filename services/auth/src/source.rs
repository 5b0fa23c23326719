//! Where this service's own verifier reads: its own tables.

use authn::{Keys, Snapshot, Source};
use jiff::Timestamp;

use crate::keys::Keyring;
use crate::keys::rotate::Rotation;
use crate::revocations;

/// Its own tables.
pub struct OwnTables {
    /// The keys' part.
    pub rotation: Rotation,
    /// What signs.
    pub keyring: Keyring,
}

impl Source for OwnTables {
    async fn keys(&self) -> Result<Keys, String> {
        self.rotation.load(&self.keyring).await.map_err(|e| e.to_string())
    }

    async fn revocations(&self, since: Option<Timestamp>) -> Result<Snapshot, String> {
        let db = &self.rotation.db;
        let mut conn = db.conn().await.map_err(|e| e.to_string())?;
        revocations::snapshot(&mut conn, since, db.clock().now()).await.map_err(|e| e.to_string())
    }
}
