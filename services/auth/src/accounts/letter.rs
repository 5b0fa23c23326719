//! A mail that goes out with the transaction that is its cause.

use std::collections::BTreeMap;

use contracts::mail::Send;
use db::Tx;
use jiff::Timestamp;

use super::row::UserRow;

/// A mail about an account.
pub struct Letter<'a> {
    /// The name of its words.
    pub template: &'static str,
    /// The account, whose language it speaks.
    pub user: &'a UserRow,
    /// Where it goes.
    pub to: &'a str,
    /// What its words are filled with.
    pub words: BTreeMap<String, String>,
    /// Of several with the same one is sent.
    pub dedup_key: String,
    /// Later it is of no use.
    pub expires_at: Timestamp,
}

impl Letter<'_> {
    /// Mails it. An account that is being erased has no address any more, but a word in its place: nothing goes there.
    pub async fn send(self, tx: &mut Tx) -> db::Result<()> {
        let Self { template, user, to, words, dedup_key, expires_at } = self;
        if !to.contains('@') {
            return Ok(());
        }
        let mail = Send {
            template: template.into(),
            to: Some(to.to_owned()),
            user_id: Some(user.id),
            locale: Some(user.language()),
            params: words,
            dedup_key,
            expires_at,
        };
        outbox::emit(tx, &mail).await.map(drop)
    }
}
