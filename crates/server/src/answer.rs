//! What handlers answer. Each is a `Result<_, Refusal>`, and each documents itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::marker::PhantomData;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use problem::{Problem, codes};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::Refusal;

/// 200 with a view.
pub type Answer<T> = Result<Answered<T, 200>, Refusal>;
/// 201 with the view of what was made, and where it is.
pub type Created<T> = Result<Answered<T, 201>, Refusal>;
/// 202 with the view of what was begun.
pub type Accepted<T> = Result<Answered<T, 202>, Refusal>;
/// 204.
pub type NoContent = Result<Nothing, Refusal>;
/// 200 with a page for people.
pub type Html = Result<Page, Refusal>;

/// A view on its way out.
#[derive(Debug)]
pub struct Answered<T, const STATUS: u16> {
    view: T,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Nothing more to say.
#[derive(Debug)]
pub struct Nothing(());

/// A page for people.
#[derive(Debug)]
pub struct Page(String);

/// An answer of any other kind: a file, a stream. Its documentation is the handler's own affair.
#[derive(Debug)]
pub struct Raw(pub HttpResponse);

/// A `T` that was written as JSON already, for what is read so often that making it first would be most of its cost.
#[derive(Debug)]
pub struct Written<T> {
    json: Vec<u8>,
    shows: PhantomData<fn() -> T>,
}

/// One page of a list, and where the next begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The `cursor` of the next page, where there is one.
    pub next_cursor: Option<String>,
    /// How many there are in all, where the list counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

/// What has an address of its own.
pub trait Located {
    /// Its path: `/api/v1/posts/0192…`.
    fn location(&self) -> String;
}

/// Answers 200 with `view`.
pub fn answer<T>(view: T) -> Answer<T> {
    Ok(Answered { view, headers: Vec::new() })
}

/// Answers 201 with `view` and its address.
pub fn created<T: Located>(view: T) -> Created<T> {
    let location = view.location();
    Ok(Answered { view, headers: Vec::new() }).header(header::LOCATION.as_str(), location)
}

/// Answers 202 with `view`.
pub fn accepted<T>(view: T) -> Accepted<T> {
    Ok(Answered { view, headers: Vec::new() })
}

/// Answers 204.
pub fn no_content() -> NoContent {
    Ok(Nothing(()))
}

/// Answers a page for people.
pub fn html(page: String) -> Html {
    Ok(Page(page))
}

/// Answers one page of a list.
pub fn list<T>(items: Vec<T>, next_cursor: Option<String>) -> Answer<List<T>> {
    answer(List { items, next_cursor, total: None })
}

/// Answers 200 with one page of a list whose items are JSON already.
pub fn written_list<'i, T>(
    items: impl Iterator<Item = &'i [u8]> + Clone,
    next_cursor: Option<&str>,
) -> Result<Written<List<T>>, Refusal> {
    let size: usize = items.clone().map(|item| item.len() + 1).sum();
    let mut json = Vec::with_capacity(size + LIST_ENDS);
    json.extend_from_slice(b"{\"items\":[");
    for (n, item) in items.enumerate() {
        if n > 0 {
            json.push(b',');
        }
        json.extend_from_slice(item);
    }
    json.extend_from_slice(b"],\"next_cursor\":");
    serde_json::to_writer(&mut json, &next_cursor).map_err(|e| Problem::new(&codes::INTERNAL).because(e))?;
    json.push(b'}');
    Ok(Written { json, shows: PhantomData })
}

/// Room for what stands around the items of a list, a cursor included.
const LIST_ENDS: usize = 256;

/// What can be said beside the view.
pub trait AnswerExt: Sized {
    /// With a header. One that cannot be written is left out.
    fn header(self, name: &str, value: impl Display) -> Self;

    /// With the version of what is shown, which `If-Match` and `If-None-Match` are compared with.
    fn etag(self, version: impl Display) -> Self {
        self.header("etag", format_args!("\"{version}\""))
    }

    /// Saying whether it is the answer to an earlier request with the same idempotency key.
    fn replayed(self, replayed: bool) -> Self {
        if replayed { self.header("idempotent-replayed", "true") } else { self }
    }

    /// Allowing everybody's caches to keep it.
    fn cached(self, seconds: u32) -> Self {
        self.header("cache-control", format_args!("public, max-age={seconds}"))
    }
}

impl<T, const STATUS: u16> AnswerExt for Result<Answered<T, STATUS>, Refusal> {
    fn header(mut self, name: &str, value: impl Display) -> Self {
        if let Ok(answered) = &mut self
            && let (Ok(name), Ok(value)) = (name.parse(), HeaderValue::from_str(&value.to_string()))
        {
            answered.headers.push((name, value));
        }
        self
    }
}

impl<T: Serialize, const STATUS: u16> Responder for Answered<T, STATUS> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let etag = self.headers.iter().find(|(name, _)| name == header::ETAG).map(|(_, value)| value);
        let unchanged = STATUS == 200 && etag.is_some_and(|etag| names(request, etag));
        let status = if unchanged { Ok(StatusCode::NOT_MODIFIED) } else { StatusCode::from_u16(STATUS) };
        let mut response = HttpResponse::build(status.unwrap_or_default());
        for header in self.headers {
            response.insert_header(header);
        }
        if unchanged {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
        match serde_json::to_vec(&self.view) {
            Ok(json) => response.body(json),
            Err(e) => HttpResponse::from_error(Refusal(Problem::new(&codes::INTERNAL).because(e))),
        }
    }
}

/// Whether `If-None-Match` names this version (RFC 9110 §13.1.2: compared weakly).
fn names(request: &HttpRequest, etag: &HeaderValue) -> bool {
    let Some(known) = request.headers().get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()) else {
        return false;
    };
    known
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

impl<T> Responder for Written<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let json = HeaderValue::from_static("application/json");
        HttpResponse::Ok().insert_header((header::CONTENT_TYPE, json)).body(self.json)
    }
}

impl Responder for Nothing {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::new(StatusCode::NO_CONTENT)
    }
}

impl Responder for Page {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(self.0)
    }
}

impl Responder for Raw {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

/// Under which extension a response carries its schemas until the document is put together: the macro of the routes
/// collects those of requests only.
pub(crate) const SCHEMAS: &str = "x-schemas";

impl<T: ToSchema, const STATUS: u16> IntoResponses for Answered<T, STATUS> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        let schema = match T::schema() {
            RefOr::Ref(at) => RefOr::Ref(at),
            RefOr::T(schema @ (Schema::Object(_) | Schema::OneOf(_) | Schema::AllOf(_) | Schema::AnyOf(_))) => {
                schemas.push((T::name().into_owned(), RefOr::T(schema)));
                RefOr::Ref(Ref::from_schema_name(T::name()))
            }
            RefOr::T(plain) => RefOr::T(plain),
        };
        let carried = schemas.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)));
        let carried = Value::Object(carried.collect());
        let mut response = ResponseBuilder::new()
            .description(described(STATUS))
            .content("application/json", ContentBuilder::new().schema(Some(schema)).build())
            .extensions(Some(ExtensionsBuilder::new().add(SCHEMAS, carried).build()));
        if STATUS == 201 {
            let location = utoipa::openapi::header::HeaderBuilder::new().description(Some("Where it is.")).build();
            response = response.header("Location", location);
        }
        BTreeMap::from([(STATUS.to_string(), response.build().into())])
    }
}

impl<T: ToSchema> IntoResponses for Written<T> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        Answered::<T, 200>::responses()
    }
}

impl IntoResponses for Nothing {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([("204".into(), ResponseBuilder::new().description(described(204)).build().into())])
    }
}

impl IntoResponses for Page {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let page = ContentBuilder::new().schema(Some(String::schema())).build();
        let response = ResponseBuilder::new().description(described(200)).content("text/html", page);
        BTreeMap::from([("200".into(), response.build().into())])
    }
}

impl IntoResponses for Raw {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::new()
    }
}

/// What can go wrong is said once for all operations, when the document is put together.
impl IntoResponses for Refusal {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::new()
    }
}

fn described(status: u16) -> &'static str {
    match status {
        201 => "It was created.",
        202 => "It was begun.",
        204 => "It was done.",
        _ => "Here it is.",
    }
}

impl<T: ToSchema> ToSchema for List<T> {
    fn name() -> Cow<'static, str> {
        format!("{}List", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
        let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("The `cursor` of the next page, where there is one."));
        let total = ObjectBuilder::new().schema_type(Type::Integer).description(Some("How many there are in all."));
        ObjectBuilder::new()
            .property("items", items)
            .property("next_cursor", cursor)
            .property("total", total)
            .required("items")
            .required("next_cursor")
            .build()
            .into()
    }
}
