//! Which addresses there are, as the document says; and what is said at those that there are not.

use actix_web::dev::ResourceDef;
use actix_web::{HttpRequest, HttpResponse};
use problem::{Problem, codes};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::Refusal;
use crate::edge::Edge;

/// The addresses of a service.
pub(crate) struct Routes(Vec<Address>);

struct Address {
    template: String,
    matches: ResourceDef,
    methods: Vec<&'static str>,
}

impl Routes {
    /// Those of a document, and those that every service has.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let documented = document.paths.paths.iter().map(|(template, item)| Address::new(template, methods(item)));
        let health = ["/health", "/health/live", "/health/ready"].map(|path| Address::new(path, vec!["GET", "HEAD"]));
        Self(documented.chain(health).collect())
    }

    /// The template that this path matches.
    pub(crate) fn template(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|address| address.matches.is_match(path)).map(|address| address.template.as_str())
    }

    /// What may be done at this path, in the words of an `Allow` header.
    fn allowed(&self, path: &str) -> Option<String> {
        let mut methods: Vec<&str> = Vec::new();
        for address in self.0.iter().filter(|address| address.matches.is_match(path)) {
            methods
                .extend(address.methods.iter().filter(|method| !methods.contains(method)).copied().collect::<Vec<_>>());
        }
        (!methods.is_empty()).then(|| methods.join(", "))
    }
}

impl Address {
    fn new(template: &str, methods: Vec<&'static str>) -> Self {
        Self { template: template.to_owned(), matches: ResourceDef::new(template), methods }
    }
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let all = [
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    all.into_iter().filter(|(_, there)| *there).map(|(method, _)| method).collect()
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
