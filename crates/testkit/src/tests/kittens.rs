//! A service as small as can be, tested with everything that this crate offers.

use std::panic::AssertUnwindSafe;

use contracts::auth::UserRegistered;
use contracts::posts::PostDeleted;
use contracts::{Event, PostId, UserId};
use db::{Db, Tx, sql};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use garde::Validate;
use outbox::{Halt, Received, Subscriptions, Taken};
use serde::{Deserialize, Serialize};
use serde_json::json;
use server::*;
use utoipa::{OpenApi, ToSchema};

use crate::{Access, Given, Subject, TestApp, check_document};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("src/tests/migrations");

struct State {
    db: Db,
}

#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKitten {
    #[garde(length(chars, min = 1, max = 10))]
    name: String,
}

#[derive(Serialize, ToSchema)]
struct KittenView {
    id: PostId,
    name: String,
}

impl Located for KittenView {
    fn location(&self) -> String {
        format!("/api/v1/kittens/{}", self.id)
    }
}

/// Takes a kitten in.
#[utoipa::path(operation_id = "create_kitten", tag = "kittens")]
#[post("/kittens")]
async fn create(state: Data<State>, who: Caller, kitten: Json<NewKitten>) -> Created<KittenView> {
    let name = kitten.into_inner().name;
    let id = state.db.tx(async |tx| insert(tx, who.id, &name).await).await?;
    created(KittenView { id, name })
}

/// Looks at a kitten.
#[utoipa::path(operation_id = "read_kitten", tag = "kittens", security(()))]
#[get("/kittens/{id}")]
async fn read(state: Data<State>, id: Path<PostId>) -> Answer<KittenView> {
    let name = state.db.tx(async |tx| name_of(tx, *id).await).await?.ok_or(db::Error::Missing)?;
    answer(KittenView { id: *id, name })
}

/// Lets a kitten go.
#[utoipa::path(operation_id = "delete_kitten", tag = "kittens")]
#[delete("/kittens/{id}")]
async fn release(state: Data<State>, who: Caller, id: Path<PostId>) -> NoContent {
    let gone = state.db.tx(async |tx| delete(tx, who.id, *id).await).await?;
    if gone == 0 {
        return Err(db::Error::Missing.into());
    }
    no_content()
}

async fn insert(tx: &mut Tx, owner: UserId, name: &str) -> db::Result<PostId> {
    let id = PostId::at(tx.now());
    let insert = sql::<()>("INSERT INTO kittens (id, owner_id, name) VALUES ($1, $2, $3)");
    insert.bind::<Uuid, _>(id).bind::<Uuid, _>(owner).bind::<Text, _>(name).execute(&mut **tx).await?;
    outbox::emit(tx, &PostDeleted { post_id: id, ..PostDeleted::sample() }).await?;
    Ok(id)
}

async fn name_of(tx: &mut Tx, id: PostId) -> db::Result<Option<String>> {
    let query = sql::<Nullable<Text>>("SELECT (SELECT name FROM kittens WHERE id = $1)");
    Ok(query.bind::<Uuid, _>(id).get_result(&mut **tx).await?)
}

async fn delete(tx: &mut Tx, owner: UserId, id: PostId) -> db::Result<usize> {
    let delete = sql::<()>("DELETE FROM kittens WHERE id = $1 AND owner_id = $2");
    Ok(delete.bind::<Uuid, _>(id).bind::<Uuid, _>(owner).execute(&mut **tx).await?)
}

/// A gift for everybody new.
async fn user_registered(tx: &mut Tx, _: &State, event: &Received<UserRegistered>) -> Result<(), Halt> {
    insert(tx, event.data.user_id, "gift").await?;
    Ok(())
}

#[derive(OpenApi)]
#[openapi(info(title = "kittens"), tags((name = "kittens")))]
struct Document;

struct Kittens;

impl Subject for Kittens {
    type State = State;
    const FOLDER: &'static str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests");

    fn definition() -> Definition {
        Definition {
            name: "kittens",
            version: "1.0.0",
            port: 5998,
            routes: |config| {
                config.service(create).service(read).service(release);
            },
            document: Document::openapi,
            openapi: "{}",
            build: |start| Box::pin(build(start)),
            migrate: |_| Box::pin(async { Ok(()) }),
        }
    }

    fn migrations() -> EmbeddedMigrations {
        MIGRATIONS
    }

    fn subscriptions() -> Subscriptions<State> {
        Subscriptions::new("kittens").on::<UserRegistered>(user_registered)
    }
}

async fn build(start: Start) -> Result<Service, Error> {
    let Start { env, clock, .. } = start;
    let (config, issuer) = env.load(|env| (db::Config::read(env), env.required::<String>("AUTH_ISSUER")))?;
    let db = Db::open(&config, clock).await?;
    if !db::is_current(&db, MIGRATIONS).await? {
        return Err(Error::say("of another version"));
    }
    Ok(Service::new(State { db }, authn::Verifier::with_keys(issuer, authn::Keys::default())))
}

type App = TestApp<Kittens>;

async fn kittens_in(app: &App) -> i64 {
    let mut conn = app.db().conn().await.unwrap();
    sql::<BigInt>("SELECT count(*) FROM kittens").get_result(&mut *conn).await.unwrap()
}

#[tokio::test]
async fn a_stranger_cannot_let_a_kitten_go() {
    let (app, ada, bob) = App::with_two_users().await;
    let answer = ada.post("/kittens", json!({ "name": "Tom" })).await;
    let path = answer.has_status(201).header("location").unwrap().to_owned();
    let mark = app.mark().await;
    bob.delete(&path).await.is(404, "not_found");
    app.emitted_nothing_since(mark).await;
    ada.delete(&path).await.has_status(204);
    bob.get(&path).await.is(404, "not_found");
}

#[tokio::test]
async fn every_app_has_a_database_of_its_own() {
    let (one, ada, _) = App::with_two_users().await;
    let (two, _, _) = App::with_two_users().await;
    ada.post("/kittens", json!({ "name": "Tom" })).await.is_fine();
    assert_eq!((kittens_in(&one).await, kittens_in(&two).await), (1, 0));
}

#[tokio::test]
async fn time_passes_when_a_test_says_so() {
    let (app, ada, _) = App::with_two_users().await;
    let first = ada.post("/kittens", json!({ "name": "Tom" })).await;
    app.clock.advance(jiff::SignedDuration::from_hours(24 * 365));
    let second = ada.post("/kittens", json!({ "name": "Tim" })).await;
    assert!(first.id::<PostId>() < second.id::<PostId>());
    let told = app.emitted().await;
    assert_eq!(told[1].time.duration_since(told[0].time), jiff::SignedDuration::from_hours(24 * 365));
}

#[tokio::test]
async fn what_was_emitted_can_be_read() {
    let (app, ada, _) = App::with_two_users().await;
    let id: PostId = ada.post("/kittens", json!({ "name": "Tom" })).await.id();
    let told = app.emitted_of::<PostDeleted>().await;
    assert_eq!(told.iter().map(|event| event.post_id).collect::<Vec<_>>(), [id]);
    let envelope = &app.emitted().await[0];
    assert_eq!(envelope.actorid, Some(ada.id.to_string()));
}

#[tokio::test]
async fn an_event_is_brought_once_or_twice() {
    let app = App::start().await;
    let envelope = app.envelope(&UserRegistered::sample());
    assert_eq!(app.deliver_envelope(&envelope).await, Ok(Taken::Now));
    assert_eq!(app.deliver_envelope(&envelope).await, Ok(Taken::Before));
    assert_eq!(app.deliver(&UserRegistered::sample()).await, Ok(Taken::Now));
    assert_eq!(kittens_in(&app).await, 2);
}

#[tokio::test]
async fn a_refusal_is_told_from_another() {
    let (app, ada, _) = App::with_two_users().await;
    ada.post("/kittens", json!({ "name": "" })).await.is(422, "invalid").names("/name", "too_short");
    ada.post("/kittens", json!({ "name": "Tom", "role": "admin" }))
        .await
        .is(422, "invalid")
        .names("/role", "unknown_field");
    app.nobody().post("/kittens", json!({ "name": "Tom" })).await.is(401, "unauthenticated");
    app.actor("eve", ada.id, "forged").get("/kittens/x").await.is(404, "not_found");
    app.actor("eve", ada.id, "forged").post("/kittens", json!({})).await.is(401, "unauthenticated");
}

async fn given(_: App, owner: crate::Actor) -> Given {
    let kitten: PostId = owner.post("/kittens", json!({ "name": "Tom" })).await.id();
    Given::nothing().path("id", kitten)
}

#[tokio::test]
async fn the_access_table_is_checked_whole() {
    let app = App::start().await;
    let tom = |_, _| async { Given::nothing().body(json!({ "name": "Tom" })) };
    Access::of(&app)
        .await
        .row_given("create_kitten", [401, 201, 201, 201, 201], tom)
        .row_given("read_kitten", [200; 5], given)
        .row_given("delete_kitten", [401, 404, 204, 404, 404], given)
        .check()
        .await;
}

#[tokio::test]
async fn a_wrong_or_missing_row_is_told() {
    let app = App::start().await;
    let table = Access::of(&app)
        .await
        .row_given("read_kitten", [401, 200, 200, 200, 200], given)
        .row_given("delete_kitten", [401, 403, 204, 404, 404], given)
        .row("rename_kitten", [200; 5]);
    let told = futures_catch(table.check()).await;
    for wrong in [
        "create_kitten (POST /api/v1/kittens) has no row",
        "read_kitten: the document says that it is open to all",
        "read_kitten by nobody: 200 instead of 401",
        "delete_kitten by stranger: 404 instead of 403",
        "rename_kitten has a row, and is no operation",
    ] {
        assert!(told.contains(wrong), "{wrong:?} is not in:\n{told}");
    }
}

#[test]
fn a_document_that_is_not_kept_is_told() {
    let told = std::panic::catch_unwind(check_document::<Kittens>).unwrap_err();
    let told = told.downcast::<String>().unwrap();
    assert!(told.contains("run `make openapi`"), "{told}");
}

/// What a future says when it panics.
async fn futures_catch(work: impl Future<Output = ()>) -> String {
    let mut work = Box::pin(work);
    let ended = std::future::poll_fn(|context| {
        match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Ok(std::task::Poll::Ready(())) => std::task::Poll::Ready(String::new()),
            Err(panic) => std::task::Poll::Ready(*panic.downcast::<String>().unwrap()),
        }
    });
    ended.await
}
