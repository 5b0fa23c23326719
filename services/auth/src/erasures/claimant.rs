//! Who asks for an erasure by its id: whoever holds its receipt token, or is signed in.
//!
//! Whoever asked to be erased is signed in nowhere any more, so he is given a token of its own: it is sent as
//! `Authorization: Receipt <token>`, or by the mailed page's form, and never stands in an address but a mailed one.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest};
use contracts::UserId;
use problem::Problem;
use problem::codes::NOT_FOUND;
use serde::Deserialize;
use server::{Caller, JsonOrForm, Refusal};
use utoipa::ToSchema;

use super::row::ErasureRow;
use crate::accounts::pages;
use crate::secrets::{Digest, Token};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimant {
    /// Somebody who holds a receipt token, by its digest.
    Holder(Digest),
    /// Somebody who is signed in.
    Account(UserId),
}

/// The same, where the token may also stand in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Who asks.
    pub claimant: Claimant,
    /// Whether he looks at a page of ours.
    pub on_page: bool,
}

/// The token that the request was answered with.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct Receipt {
    /// The receipt token.
    #[schema(min_length = 43, max_length = 43)]
    token: String,
}

impl Claimant {
    /// Whether it is the erasure of whoever asks, or one that he asked for as an administrator.
    pub fn may_see(&self, erasure: &ErasureRow) -> bool {
        match self {
            Self::Holder(digest) => *digest == erasure.receipt_hash,
            Self::Account(user) => *user == erasure.user_id || Some(*user) == erasure.requested_by,
        }
    }

    /// Whether he may take it back: whoever asked for it.
    pub fn may_cancel(&self, erasure: &ErasureRow) -> bool {
        match (erasure.requested_by, self) {
            (None, _) => true,
            (Some(by), Self::Account(user)) => by == *user,
            (Some(_), Self::Holder(_)) => false,
        }
    }

    /// A text that is no token of ours holds nothing.
    fn holding(token: &str) -> Result<Self, Problem> {
        let token = Token::read(token.trim()).ok_or_else(|| Problem::new(&NOT_FOUND))?;
        Ok(Self::Holder(token.digest()))
    }
}

impl FromRequest for Claimant {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let shown = request.headers().get(AUTHORIZATION).and_then(|shown| shown.to_str().ok()?.split_once(' '));
        ready(match shown {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("receipt") => {
                Self::holding(token).map_err(Refusal::from)
            }
            _ => Caller::from_request(request, payload).into_inner().map(|caller| Self::Account(caller.id)),
        })
    }
}

impl FromRequest for Shown {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        if headers.contains_key(AUTHORIZATION) || !headers.contains_key(CONTENT_TYPE) {
            let claimant = Claimant::from_request(request, payload);
            return Box::pin(async move { Ok(Self { claimant: claimant.await?, on_page: false }) });
        }
        let on_page = pages::came_from_a_page(request);
        let body = JsonOrForm::<Receipt>::from_request(request, payload);
        Box::pin(async move {
            let receipt = body.await?;
            Ok(Self { claimant: Claimant::holding(&receipt.token)?, on_page })
        })
    }
}
