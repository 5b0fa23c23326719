//! GET /auth/exports/{id}/archive.

use auth::exports::archive::{self, Archive, Broken};
use auth::exports::queries;
use contracts::{ExportId, Language};
use futures_util::TryStreamExt;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{SERVICES, among_others, asks, chunk, comes, has_one, link, time_passes, unzipped};
use crate::support::{Deeds, NEW_PASSWORD, PASSWORD, TestApp};

async fn chunks(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM export_parts").await
}

#[tokio::test]
async fn a_link_that_is_not_ours_tells_nothing() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = has_one(&app, &ada).await;
    let good = link(&ada, export).await;
    let (path, token) = good.split_once("?token=").unwrap();
    let other = if token.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{path}?token={other}{}", &token[1..]);
    let elsewhere = good.replace(&export.to_string(), &ExportId::at(app.clock.now()).to_string());
    for bad in [tampered.as_str(), &elsewhere, path, &format!("{path}?token="), &format!("{path}?token=x")] {
        app.nobody().get(bad).await.is(404, "not_found");
    }
    assert_eq!(app.count("SELECT count(*) FROM security_events WHERE kind = 'export_downloaded'").await, 0);
    app.nobody().get(&good).await.has_status(200);
}

#[tokio::test]
async fn one_link_opens_one_archive() {
    let app = among_others().await;
    let (ada, bob) = (app.signs_in("ada").await, app.signs_in("bob").await);
    let (hers, his) = (has_one(&app, &ada).await, has_one(&app, &bob).await);
    let token = link(&ada, hers).await.split_once("?token=").unwrap().1.to_owned();
    app.nobody().get(&format!("/auth/exports/{his}/archive?token={token}")).await.is(404, "not_found");
}

#[tokio::test]
async fn a_day_later_the_link_is_over_and_what_was_sent_is_deleted() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let link = link(&ada, has_one(&app, &ada).await).await;
    app.clock.advance(SignedDuration::from_secs(24 * 3600 - 1));
    time_passes(&app).await;
    app.nobody().get(&link).await.has_status(200);
    app.clock.advance(SignedDuration::from_secs(1));
    app.nobody().get(&link).await.is(410, "token_expired");
    assert_eq!(chunks(&app).await, 6);
    time_passes(&app).await;
    assert_eq!(chunks(&app).await, 0);
    app.nobody().get(&link).await.is(410, "token_expired");
}

#[tokio::test]
async fn another_password_makes_the_link_void_and_the_owner_gets_a_new_one() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = has_one(&app, &ada).await;
    let stolen = link(&ada, export).await;
    app.changes_password(&ada, PASSWORD, NEW_PASSWORD).await.has_status(204);
    app.nobody().get(&stolen).await.is(404, "not_found");
    app.nobody().get(&link(&ada, export).await).await.has_status(200);
}

#[tokio::test]
async fn of_a_closed_account_nothing_is_given_out_and_of_an_erased_one_nothing_is_left() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let link = link(&ada, has_one(&app, &ada).await).await;
    app.execute("UPDATE users SET is_active = false").await;
    app.nobody().get(&link).await.is(404, "not_found");
    app.execute("UPDATE users SET is_active = true").await;
    app.nobody().get(&link).await.has_status(200);
    app.execute("DELETE FROM users").await;
    app.nobody().get(&link).await.is(404, "not_found");
    for table in ["SELECT count(*) FROM exports", "SELECT count(*) FROM export_services"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
    assert_eq!(chunks(&app).await, 0);
}

#[tokio::test]
async fn it_is_a_zip_of_what_the_services_sent_with_words_for_people_and_programs() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    for service in SERVICES {
        comes(&app, chunk(export, service, 0, false)).await;
        let other = contracts::export::ExportPartReady { file: "more".into(), ..chunk(export, service, 2, true) };
        comes(&app, other).await;
        comes(&app, chunk(export, service, 1, false)).await;
    }
    app.execute("UPDATE users SET locale = 'fr'").await;
    let answer = app.nobody().get(&link(&ada, export).await).await;
    answer.has_status(200);
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"jolmood-2026-01-13.zip\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let files = unzipped(answer.bytes());
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    let expected = ["README.txt", "auth/more.json", "auth/notes.json", "manifest.json", "posts/more.json"];
    assert_eq!(names[..5], expected);
    assert_eq!(files["posts/notes.json"], "posts 0\nposts 1\n");
    assert_eq!(files["posts/more.json"], "posts 2\n");
    assert!(files["README.txt"].starts_with("VOS DONNÉES") && files["README.txt"].contains("2026-01-13"));
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    let sha256 = |text: &str| hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()));
    let services: Value = SERVICES
        .into_iter()
        .map(|name| {
            let listed = [format!("{name}/notes.json"), format!("{name}/more.json")];
            let text: String = listed.iter().map(|file| files[file].as_str()).collect();
            json!({ "name": name, "files": listed, "sha256": sha256(&text) })
        })
        .collect();
    assert_eq!(manifest, json!({ "export_id": export, "made_at": app.clock.now(), "services": services }));
}

#[tokio::test]
async fn the_same_export_is_the_same_bytes_and_each_download_is_noted() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let link = link(&ada, has_one(&app, &ada).await).await;
    // Of what was noted in one moment nobody knows what came first.
    app.clock.advance(SignedDuration::from_secs(3));
    let first = app.nobody().get(&link).await;
    app.clock.advance(SignedDuration::from_secs(3));
    let second = app.nobody().get(&link).await;
    assert_eq!(first.bytes(), second.bytes());
    let events = ada.actor.get("/auth/security-events?limit=2").await.json();
    let kinds: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["export_downloaded", "export_downloaded"]);
}

#[tokio::test]
async fn a_large_one_is_whole() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    for service in ["auth", "users"] {
        comes(&app, chunk(export, service, 0, true)).await;
    }
    // 10 MiB in all, of which the last chunk comes by itself.
    let most = format!(
        "INSERT INTO export_parts (export_id, service, number, file, content)
             SELECT '{export}', 'posts', n, 'notes', repeat(md5(n::text), 1024) FROM generate_series(0, 318) n;
         UPDATE export_services SET received = 319 WHERE service = 'posts'"
    );
    app.execute(&most).await;
    comes(&app, chunk(export, "posts", 319, true)).await;
    let answer = app.nobody().get(&link(&ada, export).await).await;
    let files = unzipped(answer.bytes());
    assert_eq!(files["posts/notes.json"].len(), 319 * 32 * 1024 + "posts 319\n".len());
    assert!(answer.bytes().len() < 1024 * 1024, "{} bytes", answer.bytes().len());
}

#[tokio::test]
async fn one_that_is_deleted_meanwhile_breaks_off_and_does_not_look_whole() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = has_one(&app, &ada).await;
    let (row, services) = {
        let mut conn = app.db().conn().await.unwrap();
        let row = queries::of_owner(&mut conn, ada.id, export).await.unwrap().unwrap();
        (row, queries::services(&mut conn, export).await.unwrap())
    };
    app.execute("DELETE FROM export_parts WHERE service = 'users'").await;
    let archive = Archive::new(&row, &services, Language::En);
    let sent: Result<Vec<_>, Broken> = archive::stream(app.db().clone(), archive).try_collect().await;
    assert!(matches!(sent, Err(Broken::Gone)), "{sent:?}");
}
