//! gdpr.export.part_ready.v1.

use contracts::ExportId;
use contracts::export::ExportPartReady;
use outbox::{Halt, Taken};

use crate::exports::{SERVICES, all_send, among_others, asks, chunk, comes, link, shown, unzipped};
use crate::support::{Deeds, SignedIn, TestApp};

async fn kept(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM export_parts").await
}

async fn state(who: &SignedIn, export: ExportId) -> String {
    shown(who, export).await["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_that_would_lead_out_of_its_folder_is_set_aside() {
    let app = among_others().await;
    let export = asks(&app.signs_in("ada").await).await;
    for file in ["../../etc/passwd", "", "a/b", "a.json"] {
        let bad = ExportPartReady { file: file.into(), ..chunk(export, "posts", 0, true) };
        assert!(matches!(app.deliver(&bad).await, Err(Halt::Park(_))), "{file}");
    }
    let bad = chunk(export, "posts", -1, true);
    assert!(matches!(app.deliver(&bad).await, Err(Halt::Park(_))));
    assert_eq!(kept(&app).await, 0);
}

#[tokio::test]
async fn what_nobody_waits_for_is_dropped() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    comes(&app, chunk(ExportId::at(app.clock.now()), "posts", 0, true)).await;
    comes(&app, chunk(export, "media", 0, true)).await;
    comes(&app, ExportPartReady { asked: 0, ..chunk(export, "posts", 0, true) }).await;
    assert_eq!(kept(&app).await, 0);
    all_send(&app, export).await;
    comes(&app, chunk(export, "posts", 2, true)).await;
    comes(&app, ExportPartReady { asked: 2, ..chunk(export, "posts", 0, true) }).await;
    assert_eq!(kept(&app).await, 6, "it is ready");
    app.execute("DELETE FROM users").await;
    comes(&app, chunk(export, "posts", 3, true)).await;
    assert_eq!(kept(&app).await, 0);
}

#[tokio::test]
async fn chunks_come_twice_and_in_any_order_and_each_is_there_once() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    for (number, last) in [(3, true), (1, false), (3, true), (0, false), (1, false)] {
        for service in SERVICES {
            comes(&app, chunk(export, service, number, last)).await;
        }
    }
    assert_eq!(state(&ada, export).await, "PREPARING", "the third of each is missing");
    let event = app.envelope(&chunk(export, "posts", 2, false));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&event).await, Ok(Taken::Before));
    for service in ["users", "auth"] {
        assert_eq!(state(&ada, export).await, "PREPARING");
        comes(&app, chunk(export, service, 2, false)).await;
    }
    assert_eq!((state(&ada, export).await.as_str(), kept(&app).await), ("READY", 12));
    let files = unzipped(app.nobody().get(&link(&ada, export).await).await.bytes());
    assert_eq!(files["posts/notes.json"], "posts 0\nposts 1\nposts 2\nposts 3\n");
}

#[tokio::test]
async fn an_answer_to_a_later_request_replaces_what_came_of_an_earlier_one() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    comes(&app, chunk(export, "posts", 0, false)).await;
    comes(&app, chunk(export, "posts", 2, true)).await;
    let again = |number, last| ExportPartReady {
        asked: 2,
        content: format!("again {number}\n"),
        ..chunk(export, "posts", number, last)
    };
    comes(&app, again(1, true)).await;
    comes(&app, chunk(export, "posts", 1, false)).await;
    comes(&app, again(0, false)).await;
    for service in ["auth", "users"] {
        comes(&app, chunk(export, service, 0, true)).await;
    }
    let files = unzipped(app.nobody().get(&link(&ada, export).await).await.bytes());
    assert_eq!(files["posts/notes.json"], "again 0\nagain 1\n");
}

#[tokio::test]
async fn the_owner_is_mailed_once_when_all_is_there_and_without_a_link() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    let export = asks(&ada).await;
    all_send(&app, export).await;
    all_send(&app, export).await;
    let mails = app.mails("ada").await;
    let ready: Vec<_> = mails.iter().filter(|mail| mail.template == "export_ready").collect();
    assert_eq!(ready.len(), 1);
    let text = serde_json::to_string(ready[0]).unwrap();
    assert!(!text.contains("archive") && !text.contains("token") && !text.contains("http"), "{text}");
}

#[tokio::test]
async fn of_the_last_chunks_at_once_one_makes_it_ready() {
    let app = among_others().await;
    let ada = app.signs_in("ada").await;
    for _ in 0..5 {
        let export = asks(&ada).await;
        let (auth, posts, users) =
            (chunk(export, "auth", 0, true), chunk(export, "posts", 0, true), chunk(export, "users", 0, true));
        let taken = futures_util::join!(app.deliver(&auth), app.deliver(&posts), app.deliver(&users));
        assert_eq!(taken, (Ok(Taken::Now), Ok(Taken::Now), Ok(Taken::Now)));
        assert_eq!(state(&ada, export).await, "READY");
        app.execute("DELETE FROM exports").await;
    }
    let mails = app.mails("ada").await;
    assert_eq!(mails.iter().filter(|mail| mail.template == "export_ready").count(), 5);
}
