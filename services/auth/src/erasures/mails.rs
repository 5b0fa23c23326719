//! What is mailed about an erasure. These mails name an address and no account: they go out after the account is gone.

use contracts::mail::Send;
use contracts::{EventId, Language};
use db::Tx;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::row::ErasureRow;
use crate::accounts::{params, site};
use crate::secrets::Token;
use crate::state::State;

/// One that comes later is of no use.
const WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Tells that an erasure was asked for, and, where its owner asked and may think again, how to take it back.
pub async fn requested(tx: &mut Tx, state: &State, erasure: &ErasureRow, to: &str, token: &Token) -> db::Result<()> {
    if !erasure.is_told {
        return Ok(());
    }
    let may_cancel = erasure.requested_by.is_none() && erasure.grace_until > erasure.requested_at;
    let (template, words) = if may_cancel {
        let (id, token) = (erasure.id, token.show());
        let link = format!("{}api/v1/auth/erasures/{id}/cancel?token={token}", site(&state.public_url));
        let until = erasure.grace_until.0.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M %Z").to_string();
        ("erasure_planned", params(&[("link", Some(&link)), ("until", Some(&until))]))
    } else {
        ("erasure_requested", params(&[]))
    };
    let mail = Send { params: words, ..letter(tx, template, erasure, to) };
    outbox::emit(tx, &mail).await.map(drop)
}

/// Tells that all is erased: the last mail; answers the event that carries it.
pub async fn completed(tx: &mut Tx, erasure: &ErasureRow, to: &str) -> db::Result<Option<EventId>> {
    if !erasure.is_told {
        return Ok(None);
    }
    let mail = letter(tx, "erasure_completed", erasure, to);
    outbox::emit(tx, &mail).await.map(Some)
}

fn letter(tx: &Tx, template: &str, erasure: &ErasureRow, to: &str) -> Send {
    let language: Language = erasure.language();
    Send {
        template: template.into(),
        to: Some(to.to_owned()),
        user_id: None,
        locale: Some(language),
        params: params(&[]),
        dedup_key: format!("{template}:{}", erasure.id),
        expires_at: tx.now() + WITHIN,
    }
}
