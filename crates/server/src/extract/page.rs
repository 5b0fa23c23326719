//! Which page of a list.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use problem::{FieldError, Problem, codes};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{Refusal, invalid};

/// Which page of a list: `params(Page)` documents it.
#[derive(Clone, Debug, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: i64,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many to pass over; for lists that have no cursor.
    #[param(minimum = 0)]
    pub skip: Option<i64>,
}

/// As it comes: whatever else the query says is the handler's.
#[derive(Deserialize)]
struct Asked {
    limit: Option<String>,
    cursor: Option<String>,
    skip: Option<String>,
}

const LIMIT: i64 = 20;
const MOST: i64 = 100;
const FARTHEST: i64 = 1_000_000;

impl Page {
    fn of(query: &str) -> Result<Self, Problem> {
        let asked: Asked = invalid::pairs(query.as_bytes(), "")?;
        let mut wrong = Vec::new();
        let limit = number("limit", asked.limit.as_deref(), 1, MOST, &mut wrong).unwrap_or(LIMIT);
        let skip = number("skip", asked.skip.as_deref(), 0, FARTHEST, &mut wrong);
        if wrong.is_empty() {
            return Ok(Self { limit, cursor: asked.cursor.filter(|cursor| !cursor.is_empty()), skip });
        }
        Err(wrong.into_iter().fold(Problem::new(&codes::INVALID), Problem::field))
    }
}

fn number(name: &'static str, text: Option<&str>, min: i64, max: i64, wrong: &mut Vec<FieldError>) -> Option<i64> {
    let number = text?.parse().ok().filter(|number| (min..=max).contains(number));
    if number.is_none() {
        let error = FieldError::new(name, "out_of_range", invalid::NUMBER_BETWEEN);
        wrong.push(error.with("min", min).with("max", max));
    }
    number
}

impl FromRequest for Page {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request.query_string()).map_err(Refusal))
    }
}
