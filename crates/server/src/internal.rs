//! The port that the gateway leads nobody to: numbers, the document, the clock, and the service's own `/internal`.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use problem::{Problem, codes};
use serde_json::json;

use crate::edge::Edge;
use crate::{Definition, Refusal};

/// Health, the same on both ports.
pub(crate) fn health(config: &mut web::ServiceConfig) {
    config.route("/health", web::get().to(whole));
    config.route("/health/live", web::get().to(live));
    config.route("/health/ready", web::get().to(whole));
}

async fn whole(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let health = &Edge::of(&request)?.health;
    let report = health.report().await;
    let mut response = if report.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    Ok(response.insert_header((CACHE_CONTROL, "no-store")).json(health.body(&report)))
}

async fn live(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(Edge::of(&request)?.health.alive()))
}

/// What only the internal port has.
pub(crate) struct Internal {
    pub(crate) definition: Definition,
    pub(crate) metrics: Option<telemetry::Metrics>,
    pub(crate) travels: bool,
    pub(crate) routes: Option<crate::Attach>,
}

impl Internal {
    /// Adds it to an application.
    pub(crate) fn attach(self: &Arc<Self>, config: &mut web::ServiceConfig) {
        config.app_data(Data::from(self.clone()));
        config.route("/metrics", web::get().to(metrics));
        config.route("/openapi.json", web::get().to(openapi));
        let mut scope = web::scope("/internal");
        if self.travels {
            scope = scope.route("/clock", web::post().to(clock));
        }
        if let Some(routes) = &self.routes {
            scope = scope.configure(|config| routes(config));
        }
        config.service(scope);
    }
}

async fn metrics(internal: Data<Internal>) -> HttpResponse {
    let text = internal.metrics.as_ref().map(telemetry::Metrics::render).unwrap_or_default();
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")).body(text)
}

async fn openapi(internal: Data<Internal>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(internal.definition.openapi)
}

/// Reads the shift of the clock again, and says what it is: then this process has it.
async fn clock(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let edge = Edge::of(&request)?;
    let shift = edge.clock.reload().map_err(|e| Problem::new(&codes::INTERNAL).because(e))?;
    Ok(HttpResponse::Ok().json(json!({ "shift_micros": shift.as_micros() })))
}
