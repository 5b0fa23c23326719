//! Somebody who has the facts wants a mail sent.

use contracts::mail::Send;
use db::Tx;
use outbox::{Halt, Received};
use url::Url;

use crate::deliveries::{self, Wish};
use crate::mail::Template;
use crate::state::State;

/// The longest key that makes something one mail, in characters.
const LONGEST_KEY: usize = 255;

/// Queues the mail, but none to somebody who was erased; a wish that can never be fulfilled is parked, for somebody to look at.
pub async fn mail_send(tx: &mut Tx, state: &State, event: &Received<Send>) -> Result<(), Halt> {
    let wish = wish(event.data.clone(), &state.public_url).map_err(Halt::Park)?;
    if let Some(user) = wish.user
        && gdpr::is_erased(tx, user).await?
    {
        return Ok(());
    }
    deliveries::queue(tx, wish).await?;
    Ok(())
}

fn wish(told: Send, site: &Url) -> Result<Wish, String> {
    let template = Template::named(&told.template).ok_or_else(|| format!("no template {:?}", told.template))?;
    if let Some(missing) = template.required().iter().find(|name| !told.params.contains_key(**name)) {
        return Err(format!("{} needs the parameter {missing}", template.name()));
    }
    if told.params.get("link").is_some_and(|link| !leads_to(site, link)) {
        return Err("its link leads away from the site".into());
    }
    if told.to.is_none() && told.user_id.is_none() {
        return Err("it is for nobody".into());
    }
    if told.dedup_key.is_empty() || told.dedup_key.chars().count() > LONGEST_KEY {
        return Err(format!("its dedup_key is not of 1 to {LONGEST_KEY} characters"));
    }
    Ok(Wish {
        dedup_key: told.dedup_key,
        template,
        user: told.user_id,
        to: told.to,
        locale: told.locale,
        params: told.params,
        expires_at: told.expires_at,
    })
}

fn leads_to(site: &Url, link: &str) -> bool {
    Url::parse(link).is_ok_and(|link| link.origin() == site.origin())
}
