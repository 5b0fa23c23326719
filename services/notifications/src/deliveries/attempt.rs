//! One try to send one claimed mail.

use jiff::SignedDuration;

use super::row::DeliveryRow;
use super::rules::{self, Outcome};
use crate::contacts::row::ContactRow;
use crate::mail::letter::{self, Recipient};
use crate::mail::{Template, fingerprint};
use crate::ports::mailer::NotTaken;
use crate::state::State;

/// Writes the letter and hands it over. Notes on `mail` whom it went to, masked.
pub async fn attempt(state: &State, mail: &mut DeliveryRow, contact: Option<&ContactRow>) -> Outcome {
    let now = state.clock.now();
    if mail.expires_at.0 <= now {
        return Outcome::TooLate;
    }
    let Some(template) = mail.template() else { return Outcome::Never("its template is gone".into()) };
    if !template.is_security() && contact.is_some_and(|contact| !contact.by_email) {
        return Outcome::Unwanted;
    }
    let address = mail.address.clone().or_else(|| contact.and_then(|contact| contact.email.clone()));
    let Some(address) = address else { return Outcome::Unaddressed };
    mail.masked = Some(rules::masked(&address));
    let letter = match written(state, mail, template, contact, &address) {
        Ok(letter) => letter,
        Err(why) => return Outcome::Never(why),
    };
    match state.mailer.send(letter, &file_name(mail)).await {
        Ok(()) => Outcome::Sent,
        Err(NotTaken::Later(why)) => Outcome::Later(why),
        Err(NotTaken::Never(why)) => Outcome::Never(why),
    }
}

/// The letter of a mail; an error says why there cannot be one, without what it would have said.
fn written(
    state: &State,
    mail: &DeliveryRow,
    template: Template,
    contact: Option<&ContactRow>,
    address: &str,
) -> Result<lettre::Message, String> {
    let wish = mail.locale.as_deref().and_then(contracts::Language::of_tag);
    let language = rules::language(
        wish,
        contact.and_then(ContactRow::profile_language),
        contact.and_then(ContactRow::account_language),
    );
    let params = mail.params();
    let known = contact.map(|known| [&known.full_name, &known.username].map(|name| name.as_deref()));
    let [full_name, username] = known.unwrap_or_default();
    let name = rules::salutation([full_name, username, params.get("name").map(String::as_str)]);
    let home = state.public_url.as_str();
    let said = state.templates.say(template, language, home, name.as_deref(), &params);
    let said = said.map_err(|error| format!("its template fails: {}", error.kind()))?;
    let to = Recipient { address, name: name.as_deref(), language };
    letter::write(&state.mail_from, &to, said, &mail.dedup_key, state.clock.now()).map_err(|error| error.to_string())
}

/// When it was wished for, then what makes it one mail: sorted by time, and the same each time it is written.
fn file_name(mail: &DeliveryRow) -> String {
    let wished_at = mail.created_at.0.strftime("%Y%m%dT%H%M%S.%6f");
    let fingerprint = fingerprint(&mail.dedup_key);
    format!("{wished_at}Z-{}", fingerprint.get(..16).unwrap_or(&fingerprint))
}

/// How long a claim holds, which is longer than a try and its marking take together.
pub fn lease(state: &State) -> SignedDuration {
    SignedDuration::try_from(state.mailer.lease()).unwrap_or(SignedDuration::from_secs(60))
}
