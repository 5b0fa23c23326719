//! Deliveries: one row per mail, from the wish to its end.
//!
//! A row is claimed (a lease by the clock), sent outside any transaction, then marked; `dedup_key` makes it one mail.
//! What a mail said and where it went are forgotten when it ends; of a farewell nothing stays. Start with [`queue`], then
//! `jobs/send.rs`.

pub mod list;

pub mod attempt;
pub mod queries;
pub mod row;
pub mod rules;

use std::collections::BTreeMap;

use contracts::notifications::{EmailBounced, EmailSent};
use contracts::{EventId, Language, UserId};
use db::{Ts, Tx};
use jiff::Timestamp;
use serde_json::json;

use crate::mail::{self, Template};
use row::{DeliveryRow, NewDeliveryRow};
use rules::Outcome;

/// What is noted of a mail whose reader cannot be reached yet.
const NO_ADDRESS: &str = "no address is known yet";

/// A mail that somebody wants sent.
pub struct Wish {
    /// What makes it one mail.
    pub dedup_key: String,
    /// Its template.
    pub template: Template,
    /// The account it is for.
    pub user: Option<UserId>,
    /// Where to, if not to the account's contact.
    pub to: Option<String>,
    /// The language, if not the account's.
    pub locale: Option<Language>,
    /// What the template shows.
    pub params: BTreeMap<String, String>,
    /// When it is of no use any more.
    pub expires_at: Timestamp,
}

/// Queues a mail, unless one with its key was queued before. It goes out as soon as the transaction commits.
pub async fn queue(tx: &mut Tx, wish: Wish) -> db::Result<()> {
    let now = tx.now();
    let row = NewDeliveryRow {
        id: EventId::at(now).0,
        dedup_key: wish.dedup_key,
        template: wish.template.name(),
        user_id: wish.user,
        masked: wish.to.as_deref().map(rules::masked),
        address: wish.to,
        locale: wish.locale.map(Language::tag),
        params: json!(wish.params),
        state: "queued",
        next_at: Ts(now),
        expires_at: Ts(wish.expires_at),
        created_at: Ts(now),
        request_id: telemetry::Context::current().map(|context| context.request_id.to_string()),
    };
    if queries::insert(tx, &row).await? {
        queries::ring(tx).await?;
    }
    Ok(())
}

/// Makes due what waits for an address of `user`.
pub async fn wake(tx: &mut Tx, user: UserId) -> db::Result<()> {
    let now = Ts(tx.now());
    if queries::wake(tx, user, now).await? > 0 {
        queries::ring(tx).await?;
    }
    Ok(())
}

/// Marks what became of a claimed mail, and tells it where that is the end of it.
pub async fn mark(tx: &mut Tx, mail: &DeliveryRow, outcome: &Outcome) -> db::Result<()> {
    let now = tx.now();
    let (state, why, told) = match outcome {
        Outcome::Sent => ("sent", None, Some(None)),
        Outcome::Never(why) => ("failed", Some(why.as_str()), Some(Some("refused"))),
        Outcome::Unwanted => ("failed", Some("its reader switched such mail off"), None),
        Outcome::TooLate => ("expired", mail.last_error.as_deref(), Some(Some("expired"))),
        Outcome::Unaddressed => match rules::next_look(now, mail.attempts, mail.expires_at.0) {
            Some(next) => return queries::postpone(tx, mail, Ts(next), NO_ADDRESS).await.map(drop),
            None => ("expired", Some(NO_ADDRESS), Some(Some("expired"))),
        },
        Outcome::Later(why) => match rules::next_try(now, mail.attempts, mail.expires_at.0) {
            Some(next) => return queries::postpone(tx, mail, Ts(next), why).await.map(drop),
            None => ("expired", Some(why.as_str()), Some(Some("expired"))),
        },
    };
    let farewell = mail.template().is_some_and(Template::is_farewell);
    let ended =
        if farewell { queries::delete(tx, mail).await? } else { queries::end(tx, mail, state, why, Ts(now)).await? };
    if ended {
        match told {
            Some(None) => tell_sent(tx, mail).await?,
            Some(Some(reason)) => tell_bounced(tx, mail, reason).await?,
            None => {}
        }
    }
    Ok(())
}

/// Deletes all mails to `user`, whether they were sent or not; says how many there were.
pub async fn erase(tx: &mut Tx, user: UserId) -> db::Result<usize> {
    let farewells: Vec<_> =
        Template::ALL.iter().copied().filter(|template| template.is_farewell()).map(Template::name).collect();
    queries::delete_of(tx, user, &farewells).await
}

async fn tell_sent(tx: &mut Tx, mail: &DeliveryRow) -> db::Result<()> {
    let dedup_hash = mail::fingerprint(&mail.dedup_key);
    outbox::emit(tx, &EmailSent { template: mail.template.clone(), user_id: mail.user_id, dedup_hash }).await?;
    Ok(())
}

async fn tell_bounced(tx: &mut Tx, mail: &DeliveryRow, reason: &str) -> db::Result<()> {
    let (template, dedup_hash) = (mail.template.clone(), mail::fingerprint(&mail.dedup_key));
    outbox::emit(tx, &EmailBounced { template, user_id: mail.user_id, dedup_hash, reason: reason.to_owned() }).await?;
    Ok(())
}
