//! A JSON body that may be left out.

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::{FromRequest, HttpRequest};
use garde::Validate;
use serde::de::DeserializeOwned;
use server::{Json, Refusal};

/// A valid JSON body, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned + Validate<Context = ()> + 'static> FromRequest for OptionalJson<T> {
    type Error = Refusal;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let has_body =
            request.headers().contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length.trim() != "0");
        if !has_body {
            return Box::pin(std::future::ready(Ok(Self(None))));
        }
        let body = Json::<T>::from_request(request, payload);
        Box::pin(async move { Ok(Self(Some(body.await?.into_inner()))) })
    }
}
