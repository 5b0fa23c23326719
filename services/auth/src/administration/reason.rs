//! Why an administrator does something: in words, which stay here, and in one, which is told.

use contracts::acts::ReasonCode;
use problem::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use super::rules;
use crate::codes;

/// Why.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Trois signalements confirmés.", "reason_code": "abuse" }))]
pub struct Because {
    /// In words; the owner of the account may read them.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// In one word, for the journal; `other` where it is left out.
    #[serde(default)]
    #[garde(skip)]
    reason_code: ReasonCode,
}

/// A reason that is fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// In words.
    pub words: String,
    /// In one.
    pub code: ReasonCode,
}

impl Because {
    /// The reason, if it can be read.
    pub fn read(&self) -> Result<Why, Problem> {
        let words = rules::words(&self.reason).map_err(|unfit| codes::unfit(vec![("/reason", unfit)]))?;
        Ok(Why { words, code: self.reason_code })
    }
}
