//! Says one thing of each kind and ends: what the tests listen to, and an example of how a process uses this crate.

use std::time::Duration;

use settings::Reader;
use telemetry::http::{Access, Endpoint, InProgress, access};
use telemetry::{Config, Context};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let config = Reader::from_process().load(Config::read);
    let Ok(telemetry) = config.map_err(|_| ()).and_then(|config| init(&config)) else { return };
    plain();
    let context =
        Context::of_headers(Some("request-1"), Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    context.scope(answering()).await;
    // The hook writes the line; the thread's end is nobody's business.
    let _ = std::thread::spawn(|| panic!("a \u{1b}[31mred\u{1b}[0m panic of ada@example.org")).join();
    tracing::info!(metrics = %telemetry.metrics().render().replace('"', "'"), "counted");
    telemetry.shutdown();
}

fn init(config: &Config) -> Result<telemetry::Telemetry, ()> {
    telemetry::init("speaker", "0.0.1", config).map_err(|_| ())
}

fn plain() {
    tracing::debug!("a detail");
    tracing::info!(post.id = 7, fine = true, ratio = 0.5, nan = f64::NAN, "a \"quoted\"\nfact\u{7f}\u{85}");
    tracing::warn!(password = "hunter2", token = "t0ken", user_email = "x", "careful");
    tracing::error!(header = "Bearer abc.def.ghi", mail = "x", who = "ada@example.org wrote", "failed");
    tracing::error!(critical = true, error = "gone", "come quickly");
    tracing::info!(target: "lapin::channel", "the chatter of a library");
    // No mail leaves by any other door either.
    tracing::info!("sent to ada@example.org with eyJhbGciOi.eyJzdWIi.sig");
}

async fn answering() {
    let in_progress = InProgress::new();
    let endpoint = Endpoint::new("/api/v1/posts/{id}");
    in_progress.started();
    Context::set_actor("ada");
    Context::set_actor("bob");
    tracing::info!("inside");
    let Some(context) = Context::current() else { return };
    for (status, error) in [(200, None), (200, None), (503, Some(&"pool: busy" as &dyn std::fmt::Display))] {
        let took = Duration::from_micros(1_234);
        endpoint.answered(status, took);
        let entered = &context.clone().enter();
        let (method, route, fields, quiet) = ("GET", "/api/v1/posts/{id}", [("code", "unavailable")], false);
        access(&Access { entered, method, route, status, took, error, fields: &fields, quiet });
    }
    in_progress.ended();
}
