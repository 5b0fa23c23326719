//! The OpenAPI document: what the routes say, and what is true of all of them.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

use crate::Definition;
use crate::answer::SCHEMAS;

/// Where the API is.
pub const PREFIX: &str = "/api/v1";

/// Where a service's routes go: into what serves them, into the document that describes them, or into a mere list. All
/// operations described are megabytes, which a service that runs never holds.
pub struct ServiceConfig<'c>(Use<'c>);

enum Use<'c> {
    Serve(&'c mut web::ServiceConfig),
    Describe(&'c mut OpenApi),
    List(&'c mut See<'c>),
}

/// Shown the path of a route and its methods.
type See<'s> = dyn FnMut(String, Vec<HttpMethod>) + 's;

impl<'c> ServiceConfig<'c> {
    /// Serves them.
    pub(crate) fn serving(config: &'c mut web::ServiceConfig) -> Self {
        Self(Use::Serve(config))
    }

    /// Adds a handler that `utoipa::path` describes.
    pub fn service<H: HttpServiceFactory + OpenApiFactory + utoipa::Path + 'static>(
        &mut self,
        handler: H,
    ) -> &mut Self {
        match &mut self.0 {
            Use::Serve(config) => {
                config.service(handler);
            }
            Use::Describe(document) => {
                if DESCRIBES {
                    describe(&handler, document);
                }
            }
            Use::List(see) => see(format!("{PREFIX}{}", H::path()), H::methods()),
        }
        self
    }
}

fn describe(handler: &impl OpenApiFactory, document: &mut OpenApi) {
    let mut paths = handler.paths();
    paths.paths = paths.paths.into_iter().map(|(path, item)| (format!("{PREFIX}{path}"), item)).collect();
    document.paths.merge(paths);
    let mut schemas = Vec::new();
    handler.schemas(&mut schemas);
    document.components.get_or_insert_with(Components::new).schemas.extend(schemas);
}

/// Shows one route after the other.
pub(crate) fn list<'s>(definition: &Definition, see: &'s mut See<'s>) {
    (definition.routes)(&mut ServiceConfig(Use::List(see)));
}

/// Whether this build knows more of its operations than `openapi.json` says. A release does not: what describes them would be
/// megabytes of it.
pub const DESCRIBES: bool = cfg!(debug_assertions);

/// The document of a service: what its routes say now, or in a release what `openapi.json` kept of that.
pub fn openapi(definition: &Definition) -> String {
    if !DESCRIBES {
        return definition.openapi.to_owned();
    }
    let mut text = serde_json::to_string_pretty(&whole(definition)).unwrap_or_default();
    text.push('\n');
    text
}

/// What the routes say.
fn collected(definition: &Definition) -> OpenApi {
    let mut document = (definition.document)();
    (definition.routes)(&mut ServiceConfig(Use::Describe(&mut document)));
    document
}

/// The same with what is true of all operations.
fn whole(definition: &Definition) -> Value {
    let mut document = serde_json::to_value(collected(definition)).unwrap_or_default();
    let mut schemas = Map::new();
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.insert("version".into(), definition.version.into());
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (template, item) in paths.into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
            hoist(operation, &mut schemas);
            name_path_parameters(template, operation);
            let responses = operation.entry("responses").or_insert_with(|| json!({}));
            if let Some(responses) = responses.as_object_mut() {
                responses.insert("default".into(), json!({ "$ref": "#/components/responses/Problem" }));
            }
        }
    }
    let components = document.as_object_mut().map(|d| d.entry("components").or_insert_with(|| json!({})));
    if let Some(components) = components.and_then(Value::as_object_mut) {
        let kept = components.entry("schemas").or_insert_with(|| json!({}));
        if let Some(kept) = kept.as_object_mut() {
            kept.extend(schemas);
            kept.insert("Problem".into(), problem_schema());
            kept.sort_keys();
        }
        let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        let content = json!({ "application/problem+json": problem });
        let problem = json!({ "description": "It was refused; `code` says why.", "content": content });
        components.insert("responses".into(), json!({ "Problem": problem }));
        let bearer = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" });
        components.insert("securitySchemes".into(), json!({ "bearer": bearer }));
    }
    if let Some(document) = document.as_object_mut() {
        document.entry("security").or_insert_with(|| json!([{ "bearer": [] }]));
    }
    document
}

/// Takes the schemas that responses carry to where documents keep them.
fn hoist(operation: &mut Map<String, Value>, schemas: &mut Map<String, Value>) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for response in responses.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        if let Some(Value::Object(carried)) = response.remove(SCHEMAS) {
            schemas.extend(carried);
        }
    }
}

/// Each `{name}` of the path is a parameter, whether the handler took the trouble to say so or not.
fn name_path_parameters(template: &str, operation: &mut Map<String, Value>) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    let Some(parameters) = parameters.as_array_mut() else { return };
    for name in template.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        if !parameters.iter().any(|p| p.get("in") == Some(&"path".into()) && p.get("name") == Some(&name.into())) {
            let is_id = name == "id" || name.ends_with("_id");
            let schema =
                if is_id { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) };
            parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        }
    }
    if parameters.is_empty() {
        operation.remove("parameters");
    }
}

fn problem_schema() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let error = json!({
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": text("Where, as a JSON pointer, or the name of a parameter."),
            "code": text("A stable word for programs."),
            "detail": text("What is wrong and what to do."),
        },
    });
    json!({
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "properties": {
            "type": text("Where this kind of refusal is explained."),
            "title": text("What happened, in a few words."),
            "status": { "type": "integer" },
            "detail": text("What it means here and what to do next."),
            "instance": text("The path that was asked for."),
            "code": text("A stable word for programs."),
            "request_id": text("What to tell us, should you ask for help."),
            "errors": { "type": "array", "items": error },
        },
    })
}
