//! Sends what is due: claim, send outside any transaction, mark. Hears of new mails as their transactions commit, and
//! looks by itself every second.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use contracts::UserId;
use db::{Connection, Tx};
use futures_util::future::{join_all, pending};
use futures_util::{FutureExt, StreamExt};
use telemetry::Context;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::contacts;
use crate::contacts::row::ContactRow;
use crate::deliveries::attempt::{attempt, lease};
use crate::deliveries::row::DeliveryRow;
use crate::deliveries::rules::Outcome;
use crate::deliveries::{self, queries};
use crate::state::State;

/// How many mails are sent at a time.
const BATCH: i64 = 4;
/// How often it looks without having heard anything.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two tries to mark what became of a mail.
const MARK_PAUSE: Duration = Duration::from_millis(250);

/// Sends what is due until told to stop.
pub async fn send(state: State, mut stop: watch::Receiver<bool>) {
    let mut ear = None;
    while !*stop.borrow() {
        match round(&state).await {
            Ok(0) if ear.is_none() => {
                ear = ear_of(&state).await;
                if ear.is_some() {
                    continue;
                }
            }
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::warn!(%error, "mails wait: the database does not answer"),
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = heard(&mut ear) => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Sends one batch; how many mails there were.
pub async fn round(state: &State) -> db::Result<usize> {
    let lease = lease(state);
    let (claimed, known) = state
        .db
        .tx(async move |tx: &mut Tx| -> db::Result<_> {
            let now = tx.now();
            let claimed = queries::claim(tx, now, lease, BATCH).await?;
            let users: Vec<UserId> = claimed.iter().filter_map(|mail| mail.user_id).collect();
            let known = if users.is_empty() { Vec::new() } else { contacts::of_all(tx, &users).await? };
            Ok((claimed, known))
        })
        .await?;
    let sent = claimed.into_iter().map(|mail| {
        let contact = known.iter().find(|contact| Some(contact.user_id) == mail.user_id);
        let context = Context::of_headers(mail.request_id.as_deref(), None);
        context.scope(one(state, mail, contact))
    });
    Ok(join_all(sent).await.len())
}

async fn one(state: &State, mut mail: DeliveryRow, contact: Option<&ContactRow>) {
    let tried = AssertUnwindSafe(attempt(state, &mut mail, contact)).catch_unwind().await;
    let outcome = tried.unwrap_or_else(|_| Outcome::Later("sending it panicked".into()));
    let (id, template, attempts) = (mail.id, mail.template.as_str(), mail.attempts);
    let user = mail.user_id.map(tracing::field::display);
    match &outcome {
        Outcome::Sent => {
            metrics::counter!("emails_sent_total", "type" => template.to_owned()).increment(1);
            tracing::info!(delivery.id = %id, template, user.id = user, "mail sent");
        }
        Outcome::Unaddressed => tracing::info!(delivery.id = %id, template, attempts, "mail waits for an address"),
        Outcome::Later(why) => tracing::warn!(delivery.id = %id, template, attempts, why, "mail waits"),
        Outcome::Never(why) => tracing::error!(delivery.id = %id, template, attempts, why, "mail given up"),
        Outcome::Unwanted => tracing::info!(delivery.id = %id, template, "mail is not wanted"),
        Outcome::TooLate => tracing::warn!(delivery.id = %id, template, attempts, "mail expired"),
    }
    mark(state, &mail, &outcome).await;
}

/// Marks what became of a mail, again and again while the database is away: a mail that was sent and is not marked
/// is sent again when its lease is over.
async fn mark(state: &State, mail: &DeliveryRow, outcome: &Outcome) {
    let last = Instant::now() + state.mailer.lease() * 2 / 5;
    loop {
        let marked = state.db.tx(async |tx: &mut Tx| deliveries::mark(tx, mail, outcome).await).await;
        let Err(error) = marked else { return };
        tracing::warn!(delivery.id = %mail.id, %error, "what became of a mail cannot be marked yet");
        if Instant::now() > last {
            return;
        }
        tokio::time::sleep(MARK_PAUSE).await;
    }
}

/// A connection that hears when a transaction that queued mails commits.
async fn ear_of(state: &State) -> Option<Connection> {
    let mut ear = state.db.listener().await.ok()?;
    queries::listen(&mut ear).await.ok()?;
    Some(ear)
}

/// Waits for such a transaction; a connection that broke is dropped.
async fn heard(ear: &mut Option<Connection>) {
    let Some(connection) = ear else { return pending().await };
    let heard = {
        let mut calls = pin!(connection.notifications_stream());
        let heard = matches!(calls.next().await, Some(Ok(_)));
        while heard && matches!(calls.next().now_or_never(), Some(Some(Ok(_)))) {}
        heard
    };
    if !heard {
        *ear = None;
    }
}
