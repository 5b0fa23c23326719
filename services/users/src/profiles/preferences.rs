//! Preferences: four keys the fleet knows, checked, and any others that an application keeps here.
//!
//! Only what was chosen is stored, so that an event can fill what was not; [`Preferences::view`] adds the defaults.
//! A key set to null is not chosen any more.

use clock::zone;
use contracts::Language;
use contracts::users::{Channels, Preferences as Told};
use serde_json::{Map, Value, json};

use super::rules::{Fault, Wrong};

/// The most bytes that preferences take as JSON.
pub const PREFERENCES_MAX_BYTES: usize = 16 * 1024;
/// The zone of whoever named none.
pub const DEFAULT_ZONE: &str = "Europe/Paris";

const LANGUAGE: &str = "language";
const TIMEZONE: &str = "timezone";
const DAY_START_HOUR: &str = "day_start_hour";
const NOTIFICATIONS: &str = "notifications";
const CHANNELS: [&str; 3] = ["email", "push", "ws"];

/// What somebody chose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preferences(Map<String, Value>);

impl Preferences {
    /// Those that were stored; anything but an object is none.
    pub fn stored(value: Value) -> Self {
        match value {
            Value::Object(chosen) => Self(chosen),
            _ => Self::default(),
        }
    }

    /// What to store.
    pub fn to_stored(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The language, French where none was chosen.
    pub fn language(&self) -> Language {
        self.0.get(LANGUAGE).and_then(Value::as_str).and_then(Language::of_tag).unwrap_or_default()
    }

    /// The zone.
    pub fn timezone(&self) -> &str {
        self.0.get(TIMEZONE).and_then(Value::as_str).unwrap_or(DEFAULT_ZONE)
    }

    /// The hour at which a day begins.
    pub fn day_start_hour(&self) -> i16 {
        self.0.get(DAY_START_HOUR).and_then(Value::as_i64).and_then(|hour| hour.try_into().ok()).unwrap_or(0)
    }

    /// Which channels may be used; all, where nothing was chosen.
    pub fn channels(&self) -> Channels {
        let chosen = self.0.get(NOTIFICATIONS);
        let on = |channel: &str| chosen.and_then(|all| all.get(channel)).and_then(Value::as_bool).unwrap_or(true);
        Channels { email: on("email"), push: on("push"), ws: on("ws") }
    }

    /// What the other services are told.
    pub fn told(&self) -> Told {
        Told {
            language: self.language(),
            timezone: self.timezone().to_owned(),
            day_start_hour: self.day_start_hour(),
            notifications: self.channels(),
        }
    }

    /// Everything, with defaults where nothing was chosen.
    pub fn view(mut self) -> Value {
        let Channels { email, push, ws } = self.channels();
        let (language, timezone, hour) = (self.language(), self.timezone().to_owned(), self.day_start_hour());
        self.0.insert(LANGUAGE.into(), language.tag().into());
        self.0.insert(TIMEZONE.into(), timezone.into());
        self.0.insert(DAY_START_HOUR.into(), hour.into());
        let notifications = self.0.entry(NOTIFICATIONS).or_insert_with(|| json!({}));
        if let Value::Object(notifications) = notifications {
            for (channel, on) in CHANNELS.into_iter().zip([email, push, ws]) {
                notifications.insert(channel.into(), on.into());
            }
        }
        Value::Object(self.0)
    }

    /// These and `patch`, merged as RFC 7396 says: objects key by key, null removes, all else replaces.
    #[must_use]
    pub fn merged(self, patch: Map<String, Value>) -> Self {
        let mut merged = Value::Object(self.0);
        merge(&mut merged, Value::Object(patch));
        Self::stored(merged)
    }

    /// Takes the account's language where none was chosen.
    pub fn fill_language(&mut self, language: Language) {
        self.0.entry(LANGUAGE).or_insert_with(|| language.tag().into());
    }

    /// All that is wrong with them.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut known = |key: &str, right: fn(&Value) -> bool, wrong: Wrong| {
            if self.0.get(key).is_some_and(|value| !right(value)) {
                faults.push(Fault::at(format!("/preferences/{key}"), wrong));
            }
        };
        known(LANGUAGE, |value| value == "fr" || value == "en", Wrong::NotALanguage);
        known(TIMEZONE, |value| value.as_str().is_some_and(|name| zone(name).is_ok()), Wrong::NotAZone);
        known(DAY_START_HOUR, |value| value.as_u64().is_some_and(|hour| hour <= 6), Wrong::NotADayStart);
        known(NOTIFICATIONS, Value::is_object, Wrong::NotAnObject);
        for channel in CHANNELS {
            let switch = self.0.get(NOTIFICATIONS).and_then(|all| all.get(channel));
            if switch.is_some_and(|switch| !switch.is_boolean()) {
                faults.push(Fault::at(format!("/preferences/{NOTIFICATIONS}/{channel}"), Wrong::NotASwitch));
            }
        }
        if self.0.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)) {
            faults.push(Fault::at("/preferences", Wrong::Unprintable));
        }
        if self.to_stored().to_string().len() > PREFERENCES_MAX_BYTES {
            faults.push(Fault::at("/preferences", Wrong::TooLarge(PREFERENCES_MAX_BYTES)));
        }
        faults
    }
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// PostgreSQL keeps no NUL in a text, nor in one inside `jsonb`.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}
