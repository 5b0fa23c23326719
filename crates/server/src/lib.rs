//! All that is actix: turns a [`Service`] value into a running process.
//!
//! A service says what it is in a [`Definition`]; [`main`] serves it: the API below `/api/v1` and health on its port,
//! metrics, documents and `/internal/*` on its internal port. Handlers take the extractors and give the answers of this
//! crate, so whatever goes wrong before, in or after them ends as one kind of JSON. Start with [`Definition`].

mod answer;
mod definition;
mod document;
mod edge;
mod extract;
mod health;
mod internal;
mod invalid;
mod listen;
mod middleware;
mod refusal;
mod routes;
mod run;
mod settle;
mod start;
mod tasks;

#[cfg(test)]
mod tests;

pub use actix_web::web::{Data, ServiceConfig as InternalConfig};
pub use actix_web::{delete, get, patch, post, put};

pub use answer::{
    Accepted, Answer, AnswerExt, Answered, Created, Html, List, Located, NoContent, Page as HtmlPage, Raw, Written,
    accepted, answer, created, html, list, no_content, written_list,
};
pub use definition::{Attach, Background, BoxFuture, Definition, Service, Start, Task};
pub use document::{DESCRIBES, PREFIX, ServiceConfig, openapi};
pub use extract::{
    Admin, Bearer, Body, Caller, Coach, IdempotencyKey, IfMatch, Json, JsonOrForm, Lang, MaybeCaller, Page, Path,
    Query, RecentAdmin, SecureAdmin, ServiceCaller,
};
pub use invalid::fault;
pub use refusal::Refusal;
pub use run::{Error, main, migrate, run, serve};
pub use start::{Options, Running, start};
