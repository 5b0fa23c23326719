//! A form as OAuth clients send it. What cannot be read is said in the words that they know.

use std::future::ready;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use garde::Validate;
use serde::de::DeserializeOwned;
use server::{JsonOrForm, Refusal};

use super::denial::{Denial, INVALID_REQUEST};

/// A form, or why it is none.
pub struct OauthForm<T>(Result<T, Denial>);

impl<T> OauthForm<T> {
    /// What it says.
    pub fn read(self) -> Result<T, Denial> {
        self.0
    }
}

impl<T: DeserializeOwned + Validate<Context = ()> + 'static> FromRequest for OauthForm<T> {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_form(request) {
            return Box::pin(ready(Ok(Self(Err(INVALID_REQUEST)))));
        }
        let body = JsonOrForm::<T>::from_request(request, payload);
        Box::pin(async move {
            match body.await {
                Ok(body) => Ok(Self(Ok(body.into_inner()))),
                Err(Refusal(problem)) if matches!(problem.status(), 400 | 415 | 422) => Ok(Self(Err(INVALID_REQUEST))),
                Err(refusal) => Err(refusal),
            }
        })
    }
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
