//! A service as small as can be, with one of each thing that this crate offers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use clock::Clock;
use contracts::{PostId, Role, UserId};
use garde::Validate;
use problem::Text;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::client::{Reply, send};
use super::tokens::Signer;
use crate::*;

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    #[garde(length(chars, min = 1, max = 20))]
    text: String,
    #[garde(inner(length(chars, max = 5)), length(max = 3))]
    #[serde(default)]
    tags: Vec<String>,
    #[garde(custom(not_thirteen))]
    #[serde(default)]
    number: i64,
    #[garde(dive)]
    #[serde(default)]
    place: Option<Place>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Place {
    #[garde(range(min = -90.0, max = 90.0))]
    latitude: f64,
}

#[derive(Deserialize, Validate, ToSchema)]
struct Bulk {
    #[garde(skip)]
    notes: Vec<String>,
}

fn not_thirteen(number: &i64, (): &()) -> garde::Result {
    if *number == 13 {
        return Err(fault("unlucky", Text::new("Pas treize.", "Not thirteen.")));
    }
    Ok(())
}

#[derive(Serialize, ToSchema)]
struct NoteView {
    id: PostId,
    text: String,
}

impl Located for NoteView {
    fn location(&self) -> String {
        format!("/api/v1/notes/{}", self.id)
    }
}

#[derive(Deserialize, Validate, IntoParams)]
struct Filter {
    #[garde(length(max = 10))]
    #[serde(default)]
    about: String,
    #[garde(skip)]
    #[serde(default)]
    old: bool,
}

/// What the tests can do to the service.
#[derive(Clone)]
pub struct Levers {
    pub clock: Clock,
    pub open: Arc<Notify>,
    pub waiting: Arc<AtomicUsize>,
    pub database: Arc<AtomicBool>,
    pub broker: Arc<AtomicBool>,
    pub asked: Arc<AtomicUsize>,
    pub runs: Arc<AtomicUsize>,
    pub flushed: Arc<AtomicBool>,
    /// How many applications answer.
    pub applications: Arc<AtomicUsize>,
}

/// Keeps a note.
#[utoipa::path(operation_id = "create_note", tag = "notes")]
#[post("/notes")]
async fn create(levers: Data<Levers>, _who: Caller, key: IdempotencyKey, note: Json<NewNote>) -> Created<NoteView> {
    let note = note.into_inner();
    created(NoteView { id: PostId::at(levers.clock.now()), text: note.text }).replayed(key.0.is_some())
}

/// Shows a note.
#[utoipa::path(operation_id = "read_note", tag = "notes", security(()))]
#[get("/notes/{id}")]
async fn read(_who: MaybeCaller, id: Path<PostId>) -> Answer<NoteView> {
    answer(NoteView { id: *id, text: "there".into() }).etag(7)
}

/// Changes a note.
#[utoipa::path(operation_id = "update_note", tag = "notes")]
#[put("/notes/{id}")]
async fn update(_who: Caller, id: Path<PostId>, version: IfMatch, note: Json<NewNote>) -> Answer<NoteView> {
    version.allows(7)?;
    answer(NoteView { id: *id, text: note.text.clone() }).etag(8)
}

/// Lists notes.
#[utoipa::path(operation_id = "list_notes", tag = "notes", params(Page, Filter), security(()))]
#[get("/notes")]
async fn find(page: Page, filter: Query<Filter>) -> Answer<List<NoteView>> {
    let text = format!("{} {:?} {:?} {} {}", page.limit, page.cursor, page.skip, filter.about, filter.old);
    list(vec![NoteView { id: PostId(Default::default()), text }], None)
}

/// Forgets all notes.
#[utoipa::path(operation_id = "clear_notes", tag = "notes")]
#[delete("/notes")]
async fn clear(_who: Admin) -> NoContent {
    no_content()
}

/// For coaches.
#[utoipa::path(operation_id = "read_board", tag = "notes")]
#[get("/board")]
async fn board(who: Coach) -> Answer<String> {
    answer(who.id.to_string())
}

/// For other services.
#[utoipa::path(operation_id = "read_ledger", tag = "notes")]
#[get("/ledger")]
async fn ledger(who: ServiceCaller) -> Answer<String> {
    answer(format!("{} {}", who.service, who.scope))
}

/// For administrators with a second factor.
#[utoipa::path(operation_id = "read_vault", tag = "notes")]
#[get("/vault")]
async fn vault(who: SecureAdmin) -> Answer<String> {
    answer(who.id.to_string())
}

/// For those of them who proved themselves a moment ago.
#[utoipa::path(operation_id = "empty_vault", tag = "notes")]
#[delete("/vault")]
async fn empty(_who: RecentAdmin) -> NoContent {
    no_content()
}

/// Signs in, or so it says.
#[utoipa::path(operation_id = "sign_in", tag = "notes", request_body = Place, security(()))]
#[post("/login")]
async fn login(place: JsonOrForm<Place>, lang: Lang) -> Answer<String> {
    answer(format!("{} {}", place.latitude, lang.0.tag()))
}

/// Takes much.
#[utoipa::path(operation_id = "import_notes", tag = "notes", security(()))]
#[post("/import")]
async fn import(bulk: Json<Bulk, 200_000>) -> Answer<usize> {
    answer(bulk.notes.len())
}

/// Weighs whatever comes.
#[utoipa::path(operation_id = "weigh_bytes", tag = "notes", security(()))]
#[post("/weigh")]
async fn weigh(body: Body<8>) -> Answer<usize> {
    answer(body.len())
}

/// Panics.
#[utoipa::path(operation_id = "panic", tag = "notes", security(()))]
#[get("/panic")]
async fn panics() -> NoContent {
    panic!("a handler's own fault")
}

/// Waits until it is let go.
#[utoipa::path(operation_id = "wait", tag = "notes", security(()))]
#[get("/wait")]
async fn waits(levers: Data<Levers>) -> NoContent {
    levers.waiting.fetch_add(1, Ordering::SeqCst);
    levers.open.notified().await;
    no_content()
}

/// Gets through when all else is full.
#[utoipa::path(operation_id = "refresh", tag = "notes", security(()))]
#[get("/refresh")]
async fn refresh() -> Html {
    html("<p>fresh</p>".into())
}

/// Answers an error of actix's own.
#[utoipa::path(operation_id = "strange", tag = "notes", security(()))]
#[get("/strange/{status}")]
async fn strange(status: Path<u16>) -> Result<Raw, Refusal> {
    Ok(Raw(actix_web::HttpResponse::new(StatusCode::from_u16(*status).unwrap())))
}

#[derive(OpenApi)]
#[openapi(info(title = "Notes", description = "Keeps notes."), tags((name = "notes", description = "Notes.")))]
struct Document;

fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create)
        .service(find)
        .service(clear)
        .service(read)
        .service(update)
        .service(board)
        .service(login)
        .service(ledger)
        .service(vault)
        .service(empty)
        .service(import)
        .service(weigh)
        .service(panics)
        .service(waits)
        .service(refresh)
        .service(strange);
}

pub const NOTES: Definition = Definition {
    name: "notes",
    version: "1.2.3",
    port: 5999,
    routes,
    document: Document::openapi,
    openapi: r#"{"info":{"title":"Notes"}}"#,
    build: |_| Box::pin(async { Err(Error::say("notes are built by hand")) }),
    migrate: |_| Box::pin(async { Ok(()) }),
};

/// The service, served.
pub struct Notes {
    pub running: Running,
    pub levers: Levers,
    pub signer: Signer,
}

impl Notes {
    pub async fn start() -> Self {
        Self::with(|options| options).await
    }

    pub async fn with(change: impl FnOnce(Options) -> Options) -> Self {
        Self::begun(change).unwrap()
    }

    /// The same, or why it cannot be served.
    pub fn begun(change: impl FnOnce(Options) -> Options) -> Result<Self, Error> {
        let signer = Signer::new();
        let clock = Clock::fixed("2026-03-29T01:30:00Z".parse().unwrap());
        let levers = Levers {
            clock: clock.clone(),
            open: Arc::default(),
            waiting: Arc::default(),
            database: Arc::new(AtomicBool::new(true)),
            broker: Arc::new(AtomicBool::new(true)),
            asked: Arc::default(),
            runs: Arc::default(),
            flushed: Arc::default(),
            applications: Arc::default(),
        };
        let (stop, stopped) = watch::channel(false);
        let service = service(&levers, signer.verifier(), stopped);
        let options = Options {
            public: ([127, 0, 0, 1], 0).into(),
            internal: ([127, 0, 0, 1], 0).into(),
            sockets: None,
            workers: 1,
            in_flight: 64,
            drain_wait: Duration::ZERO,
            travels: true,
            metrics: None,
        };
        let running = start(NOTES, service, change(options), clock, stop)?;
        Ok(Self { running, levers, signer })
    }

    pub fn token(&self, roles: &[Role]) -> String {
        let now = self.levers.clock.now();
        self.signer.token(UserId::at(now), roles, now)
    }

    /// A request on a connection of its own: `GET /api/v1/notes`, further header lines, a body.
    pub async fn ask(&self, line: &str, headers: &[&str], body: &str) -> Reply {
        let length = format!("content-length: {}", body.len());
        let mut lines = vec!["host: notes.test", "connection: close"];
        lines.extend(headers);
        if !body.is_empty() {
            lines.push(&length);
        }
        let request = format!("{line} HTTP/1.1\r\n{}\r\n\r\n{body}", lines.join("\r\n"));
        send(self.running.public, &request).await
    }

    /// A JSON body from somebody who is signed in.
    pub async fn post(&self, path: &str, json: &str) -> Reply {
        let bearer = format!("authorization: Bearer {}", self.token(&[Role::User]));
        let headers = ["content-type: application/json", "accept-language: en", &bearer];
        self.ask(&format!("POST {path}"), &headers, json).await
    }

    /// Bounded, for a condition.
    pub async fn until(&self, what: &str, holds: impl Fn(&Levers) -> bool) {
        let mut tick = tokio::time::interval(Duration::from_millis(2));
        let wait = async {
            while !holds(&self.levers) {
                tick.tick().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect(what);
    }
}

fn service(levers: &Levers, verifier: authn::Verifier, stopped: watch::Receiver<bool>) -> Service {
    let (database, broker, asked) = (levers.database.clone(), levers.broker.clone(), levers.asked.clone());
    let (runs, flushed) = (levers.runs.clone(), levers.flushed.clone());
    let each = levers.clone();
    Service::new(levers.clone(), verifier)
        .per_worker(move || {
            each.applications.fetch_add(1, Ordering::SeqCst);
            each.clone()
        })
        .needs("database", move || {
            asked.fetch_add(1, Ordering::SeqCst);
            std::future::ready(database.load(Ordering::SeqCst))
        })
        .uses("broker", move || {
            let broker = broker.clone();
            async move {
                // What does not answer at all is away.
                if !broker.load(Ordering::SeqCst) {
                    std::future::pending::<()>().await;
                }
                true
            }
        })
        .task("counts", move || {
            let (runs, mut stopped) = (runs.clone(), stopped.clone());
            async move {
                assert!(runs.fetch_add(1, Ordering::SeqCst) > 0, "the first run panics");
                let _ = stopped.wait_for(|stop| *stop).await;
            }
        })
        .internal(|config| {
            config
                .route("/secrets", actix_web::web::get().to(|| async { actix_web::HttpResponse::Ok().body("sealed") }));
        })
        .own_lane("/api/v1/refresh")
        .flush(async move { flushed.store(true, Ordering::SeqCst) })
}
