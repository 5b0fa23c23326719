//! Exports, and what their tests share.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use auth::jobs::advance_exports;
use contracts::ExportId;
use contracts::export::ExportPartReady;
use outbox::Taken;
use serde_json::json;
use testkit::Answer;

use crate::support::{Deeds, SignedIn, TestApp};

mod download;
mod get;
mod request;
mod rules;

/// Who takes part here.
pub const SERVICES: [&str; 3] = ["auth", "posts", "users"];

/// A service that has heard of these.
pub async fn among_others() -> TestApp {
    let app = TestApp::start().await;
    app.execute("INSERT INTO gdpr_participants VALUES ('users', '2026-01-01Z'), ('posts', '2026-01-01Z')").await;
    app
}

/// Asked for what is held about her.
pub async fn asks(who: &SignedIn) -> ExportId {
    let answer = who.actor.post("/auth/exports", json!({})).await;
    answer.has_status(202);
    id_in(&answer)
}

/// The id of an export that was begun.
#[track_caller]
pub fn id_in(answer: &Answer) -> ExportId {
    answer.json()["export_id"].as_str().unwrap().parse().unwrap()
}

/// A chunk of the one file of a service.
pub fn chunk(export_id: ExportId, service: &str, number: i32, last: bool) -> ExportPartReady {
    let content = format!("{service} {number}\n");
    ExportPartReady { export_id, service: service.into(), asked: 1, number, file: "notes".into(), content, last }
}

/// Brings a chunk.
pub async fn comes(app: &TestApp, part: ExportPartReady) {
    assert_eq!(app.deliver(&part).await, Ok(Taken::Now));
}

/// Every service sent its part.
pub async fn all_send(app: &TestApp, export: ExportId) {
    for service in SERVICES {
        comes(app, chunk(export, service, 0, false)).await;
        comes(app, chunk(export, service, 1, true)).await;
    }
}

/// An export that can be downloaded.
pub async fn has_one(app: &TestApp, who: &SignedIn) -> ExportId {
    let export = asks(who).await;
    all_send(app, export).await;
    export
}

/// How far an export is, as its owner sees it.
pub async fn shown(who: &SignedIn, export: ExportId) -> serde_json::Value {
    let answer = who.actor.get(&format!("/auth/exports/{export}")).await;
    answer.has_status(200);
    answer.json()
}

/// Where it can be downloaded, below this service's address.
pub async fn link(who: &SignedIn, export: ExportId) -> String {
    let shown = shown(who, export).await;
    let url = shown["url"].as_str().unwrap_or_else(|| panic!("no link: {shown}"));
    url.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

/// The files of an archive.
pub fn unzipped(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

/// What is due is done.
pub async fn time_passes(app: &TestApp) {
    while advance_exports::once(app.db()).await.unwrap() {}
}
