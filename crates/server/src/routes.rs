//! Which addresses there are, as their descriptions say; and what is said at those that there are not.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use problem::{Problem, codes};
use utoipa::openapi::path::HttpMethod;

use crate::edge::Edge;
use crate::{Definition, Refusal, document};

/// What may be done at an address, in the order that `Allow` names it; who may GET may ask for the head.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The addresses of a service.
pub(crate) struct Routes(Vec<Address>);

struct Address {
    template: String,
    methods: Vec<&'static str>,
}

impl Routes {
    /// Those that are its own, and those that every service has.
    pub(crate) fn of(definition: &Definition) -> Self {
        let mut own: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        document::list(definition, &mut |path, methods| {
            own.entry(path).or_default().extend(methods.into_iter().flat_map(names));
        });
        let health = ["/health", "/health/live", "/health/ready"].map(|path| (path.to_owned(), vec!["GET", "HEAD"]));
        Self(own.into_iter().chain(health).map(|(template, methods)| Address { template, methods }).collect())
    }

    /// The template that this path matches.
    pub(crate) fn template(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|address| address.is_match(path)).map(|address| address.template.as_str())
    }

    /// What may be done at this path, in the words of an `Allow` header.
    fn allowed(&self, path: &str) -> Option<String> {
        let here = || self.0.iter().filter(|address| address.is_match(path));
        let allowed = METHODS.into_iter().filter(|method| here().any(|address| address.methods.contains(method)));
        let allowed: Vec<&str> = allowed.collect();
        (!allowed.is_empty()).then(|| allowed.join(", "))
    }
}

impl Address {
    /// Whether it is this path: a `{name}` is any one segment that is not empty.
    fn is_match(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let mut segments = self.template.split('/');
        let is_given = |segment: &str| {
            given.next().is_some_and(|part| if segment.starts_with('{') { !part.is_empty() } else { part == segment })
        };
        segments.all(is_given) && given.next().is_none()
    }
}

fn names(method: HttpMethod) -> &'static [&'static str] {
    match method {
        HttpMethod::Get => &["GET", "HEAD"],
        HttpMethod::Head => &["HEAD"],
        HttpMethod::Post => &["POST"],
        HttpMethod::Put => &["PUT"],
        HttpMethod::Patch => &["PATCH"],
        HttpMethod::Delete => &["DELETE"],
        HttpMethod::Options | HttpMethod::Trace => &[],
    }
}

/// Answers where no route did: 405 with `Allow` where another method would do, else 404.
pub(crate) async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let problem = match Edge::of(&request)?.routes.allowed(request.path()) {
        Some(allow) => Problem::new(&codes::METHOD_NOT_ALLOWED).with("allow", &allow).header("allow", allow),
        None => Problem::new(&codes::NOT_FOUND),
    };
    Err(Refusal(problem))
}

/// The same on the internal port, whose addresses are in no document.
pub(crate) async fn nothing_inside() -> Result<HttpResponse, Refusal> {
    Err(Refusal(Problem::new(&codes::NOT_FOUND)))
}
